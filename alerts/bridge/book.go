package bridge

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

// book is which alerts fire, and which have ended a short while ago. An alert
// keeps its labels and its start for as long as it fires.
type book struct {
	entries map[string]*entry // by identity
	changed map[string]bool   // not written yet, by identity
	dropped map[string]history.Alert
}

type entry struct {
	alert history.Alert
	told  time.Time // when it was last handed over to be sent
}

func newBook(all []history.Alert, now time.Time) *book {
	b := &book{entries: map[string]*entry{}, changed: map[string]bool{}, dropped: map[string]history.Alert{}}
	for _, a := range all {
		if a.StartsAt.After(now) { // the clock was put back
			a.StartsAt = now
		}
		b.entries[identity(a)] = &entry{alert: a}
	}
	return b
}

// identity is the labels of an alert as one text.
func identity(a history.Alert) string {
	b, err := json.Marshal(a.Labels) // in the order of the names
	if err != nil {
		panic(err) // a map of strings
	}
	return string(b)
}

func firing(a history.Alert) bool { return a.EndsAt.IsZero() }

// speaking is the alert that fires about each service: of those that replace
// each other.
func (b *book) speaking() map[string]string {
	out := map[string]string{}
	for _, e := range b.entries {
		if name := e.alert.Labels["alertname"]; firing(e.alert) && name != outageLong {
			out[e.alert.Slug] = name
		}
	}
	return out
}

// follow makes the book say what is wanted. ending completes the annotations
// of an alert that is not wanted any more.
func (b *book) follow(wanted []history.Alert, ending func(history.Alert) map[string]string, now time.Time) {
	named := map[string]bool{}
	for _, a := range wanted {
		id := identity(a)
		named[id] = true
		if e := b.entries[id]; e != nil && firing(e.alert) {
			e.alert.Annotations, e.alert.Page = a.Annotations, a.Page
			continue
		}
		b.entries[id] = &entry{alert: a}
		b.changed[id] = true
	}
	for id, e := range b.entries {
		switch {
		case firing(e.alert) && !named[id]:
			e.alert.EndsAt = latest(now, e.alert.StartsAt)
			e.alert.Annotations = ending(e.alert)
			e.told, b.changed[id] = time.Time{}, true
		case !firing(e.alert) && now.Sub(e.alert.EndsAt) > resolvedFor:
			b.dropped[id] = e.alert
			delete(b.entries, id)
			delete(b.changed, id)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// due are the alerts to be sent now, and takes them as sent.
func (b *book) due(now time.Time) []history.Alert {
	var out []history.Alert
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		if e := b.entries[id]; now.Sub(e.told) >= ResendEvery || now.Before(e.told) {
			e.told = now
			out = append(out, e.alert)
		}
	}
	return out
}

// all are the alerts that an Alertmanager has to know.
func (b *book) all() []history.Alert {
	var out []history.Alert
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		out = append(out, b.entries[id].alert)
	}
	return out
}

// unsaved is what the store does not hold yet.
func (b *book) unsaved() (saved, forgotten []history.Alert) {
	for _, id := range slices.Sorted(maps.Keys(b.changed)) {
		saved = append(saved, b.entries[id].alert)
		delete(b.dropped, id) // it fires anew
	}
	for _, id := range slices.Sorted(maps.Keys(b.dropped)) {
		forgotten = append(forgotten, b.dropped[id])
	}
	return saved, forgotten
}

// written notes that the store holds what unsaved said.
func (b *book) written() {
	clear(b.changed)
	clear(b.dropped)
}
