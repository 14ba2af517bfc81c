package board

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

const benchPages, benchComponents = 500, 170

type nowhere struct{}

func (nowhere) Save(context.Context, history.Changes) error { return nil }

// largePage has one open incident, and a component that is down or not.
func largePage(rank status.Indicator) *status.Page {
	p := page(status.Minor, incident("i1", status.Minor, noon))
	p.Components = nil
	for i := range benchComponents {
		p.Components = append(p.Components, status.Component{ID: fmt.Sprint("id", i), Name: fmt.Sprint("Component ", i)})
	}
	p.Components[7].Rank = rank
	return p
}

func largeFeed(at time.Time) *status.Feed {
	f := feedAt(at)
	for i := range benchPages {
		r := row(fmt.Sprintf("service-%03d", i), status.Operational)
		r.Reports1h = at.Second()
		f.Services[r.Slug] = r
	}
	return f
}

func largeBoard(b *testing.B, pages int) *Board {
	var services []config.Service
	for i := range pages {
		s := onlyFeeds(fmt.Sprintf("service-%03d", i), "feed/main")
		s.Official = "page/" + s.Slug
		services = append(services, s)
	}
	board := New(history.State{}, Options{Store: nowhere{}, Log: log.NewNopLogger(), Saved: func(error) {}})
	board.Configure(plan(services...), noon)
	var all []Result
	for _, s := range services {
		all = append(all, Result{Key: s.Official, At: noon, Reading: sources.Reading{Page: largePage(status.None)}})
	}
	board.Apply(append(all, Result{Key: "feed/main", At: noon, Reading: sources.Reading{Feed: largeFeed(noon)}})...)
	b.ReportAllocs()
	b.ResetTimer()
	return board
}

// BenchmarkApply is one poll among many pages. Its cost must not grow with the
// components of the other pages.
func BenchmarkApply(b *testing.B) {
	for _, pages := range []int{50, benchPages} {
		same, changes := largePage(status.None), [...]*status.Page{largePage(status.None), largePage(status.Minor)}
		b.Run(fmt.Sprintf("unchanged page/%d", pages), func(b *testing.B) {
			board := largeBoard(b, pages)
			for i := range b.N {
				board.Apply(Result{Key: "page/service-007", At: noon.Add(time.Duration(i) * time.Millisecond), Reading: sources.Reading{Page: same}})
			}
		})
		b.Run(fmt.Sprintf("changed page/%d", pages), func(b *testing.B) {
			board := largeBoard(b, pages)
			for i := range b.N {
				board.Apply(Result{Key: "page/service-007", At: noon.Add(time.Duration(i) * time.Millisecond), Reading: sources.Reading{Page: changes[i%2]}})
			}
		})
	}
}

// BenchmarkFeed is a poll that speaks of every service.
func BenchmarkFeed(b *testing.B) {
	feeds := [...]*status.Feed{largeFeed(noon.Add(time.Second)), largeFeed(noon.Add(2 * time.Second))}
	board := largeBoard(b, benchPages)
	for i := range b.N {
		at := noon.Add(time.Duration(i) * time.Millisecond)
		board.Apply(Result{Key: "feed/main", At: at, Reading: sources.Reading{Feed: feeds[i%2]}})
	}
}

func BenchmarkTick(b *testing.B) {
	board := largeBoard(b, benchPages)
	for b.Loop() {
		board.Tick(noon)
	}
}

// BenchmarkHeld is a Tick while the status of every service is held.
func BenchmarkHeld(b *testing.B) {
	board := largeBoard(b, benchPages)
	for i := range b.N {
		board.Tick(noon.Add(time.Hour + time.Duration(i)*heldStep))
	}
}
