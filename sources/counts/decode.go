package counts

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/jq"
)

// maxCount is the largest count that is believed.
const maxCount = math.MaxInt32

// decode reads the document. Rows of which none has a slug, or none a count,
// are those of another one.
func (r rules) decode(body []byte) (*status.Feed, error) {
	ctx, cancel := context.WithTimeout(context.Background(), jq.Limit)
	defer cancel()
	v, err := jq.Decode(body)
	if err != nil {
		return nil, err
	}
	if err := r.require.Require(ctx, v); err != nil {
		return nil, err
	}
	items, err := r.items.Values(ctx, v)
	if err != nil {
		return nil, fetch.Shapef("items: %w", err)
	}
	f := &status.Feed{UpdatedAt: r.when(ctx, v), Services: make(map[string]status.FeedService, len(items))}
	counted := false
	for _, item := range items {
		counted = r.add(ctx, f, item) || counted
	}
	if err := ctx.Err(); err != nil {
		return nil, fetch.Shapef("the programs took longer than %s: %w", jq.Limit, err)
	}
	if len(items) > 0 && !counted {
		return nil, fetch.Shapef("none of %d items has a slug and a count", len(items))
	}
	return f, nil
}

// when is the time of the counts; zero if it is not told.
func (r rules) when(ctx context.Context, v any) time.Time {
	at := r.updated.First(ctx, v)
	if text := jq.Text(at); !jq.IsNumber(at) {
		t, _ := sources.Time(text)
		return t
	} else if f, err := strconv.ParseFloat(text, 64); err == nil && f > 0 && f < 1e11 {
		return time.UnixMilli(int64(f * 1000)).UTC()
	}
	return time.Time{}
}

// add adds one row, and reports whether it had a slug and a count. A service
// without a count is left out: no reports are not known of it.
func (r rules) add(ctx context.Context, f *status.Feed, item any) bool {
	slug := sources.Text(jq.Text(r.slug.First(ctx, item)), sources.TextLimit)
	if slug == "" {
		f.UnknownWords = append(f.UnknownWords, "slug")
		return false
	}
	hour, ok := count(r.hour.First(ctx, item))
	if !ok {
		f.UnknownWords = append(f.UnknownWords, "report_count")
		return false
	}
	day, hasDay := 0, false
	if r.day.Given() {
		if day, hasDay = count(r.day.First(ctx, item)); !hasDay {
			f.UnknownWords = append(f.UnknownWords, "report_count")
		}
	}
	have, again := f.Services[slug] // rows of one slug are added up
	if hasDay = hasDay && (have.Has24h || !again); hasDay {
		day += have.Reports24h
	} else {
		day = 0 // the sum lacks a part
	}
	f.Services[slug] = status.FeedService{
		Slug: slug, Name: cmp.Or(have.Name, text(ctx, r.name, item), slug), Category: cmp.Or(have.Category, strings.ToLower(text(ctx, r.category, item))),
		Status: status.Unknown, Official: status.IndicatorUnknown,
		Reports1h: min(have.Reports1h+hour, maxCount), Has1h: true,
		Reports24h: min(day, maxCount), Has24h: hasDay,
	}
	return true
}

func text(ctx context.Context, p jq.Program, item any) string {
	return sources.Text(jq.Text(p.First(ctx, item)), sources.TextLimit)
}

// count reads a number, also as text; not ok is what is none or negative.
func count(v any) (n int, ok bool) {
	if v == true || v == false {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(jq.Text(v)), 64)
	if err != nil || !(f >= 0) || f > maxCount {
		return 0, false
	}
	return int(f), true
}
