package history

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Alert is what is stored of one alert of the bridge. Its labels are its
// identity.
type Alert struct {
	Labels      map[string]string
	Annotations map[string]string
	Slug        string    // of the service
	Page        string    // our page of the service
	StartsAt    time.Time // when it began to fire
	EndsAt      time.Time // zero while it fires
}

var alerts = table[Alert]{
	name:    "alerts",
	key:     "labels",
	columns: []string{"annotations", "slug", "page", "starts_at", "ends_at"},
	fields: func(a *Alert) []any {
		return []any{(*pairs)(&a.Labels), (*pairs)(&a.Annotations), &a.Slug, &a.Page, (*millis)(&a.StartsAt), (*millis)(&a.EndsAt)}
	},
}

var (
	upsertAlert  = alerts.upsert()
	selectAlerts = alerts.since("ORDER BY labels")
)

const deleteAlert = "DELETE FROM alerts WHERE labels = $1"

// Alerts reads back what SaveAlerts has written.
func (s *Store) Alerts(ctx context.Context) (all []Alert, err error) {
	err = s.read(ctx, "load alerts", func(tx *sql.Tx) error {
		all, err = list(ctx, tx, alerts, selectAlerts, 0)
		return err
	})
	return all, err
}

// SaveAlerts inserts or replaces alerts by their labels, and forgets others:
// all of it or nothing. In a shared store only the holder of the lease can.
func (s *Store) SaveAlerts(ctx context.Context, saved, forgotten []Alert) error {
	return s.write(ctx, "save alerts", func(ctx context.Context, tx *sql.Tx) error {
		version, err := s.next(ctx, tx)
		if err != nil {
			return err
		}
		for _, a := range forgotten {
			if _, err := tx.ExecContext(ctx, deleteAlert, pairs(a.Labels)); err != nil {
				return fmt.Errorf("%s: %w", alerts.name, err)
			}
		}
		return write(ctx, tx, alerts, upsertAlert, saved, version)
	})
}

// pairs is a JSON object of strings, in the order of its names.
type pairs map[string]string

// Value implements driver.Valuer.
func (p pairs) Value() (driver.Value, error) {
	b, err := json.Marshal(p)
	return string(b), err
}

// Scan implements sql.Scanner.
func (p *pairs) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("pairs are %T", v)
	}
	return json.Unmarshal([]byte(s), p)
}
