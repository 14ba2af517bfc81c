package sources_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// part reads one word of a document.
type part struct {
	document fetch.Document[string]
	client   *fetch.Client
	word     string
}

func (p *part) Poll(ctx context.Context, _ time.Time) (sources.Reading, error) {
	text, _, err := p.document.Get(ctx, p.client)
	if err != nil {
		return sources.Reading{}, err
	}
	if !strings.Contains(text, p.word) {
		return sources.Reading{}, fetch.Shapef("no %s", p.word)
	}
	return sources.Reading{Page: &status.Page{Name: p.word}}, nil
}

func group(t *testing.T, h http.HandlerFunc, words ...string) sources.Source {
	t.Helper()
	upstream := httptest.NewServer(h)
	t.Cleanup(upstream.Close)
	guard := fetch.NewGuard()
	guard.Allow("127.0.0.1")
	client, err := fetch.NewClient(fetch.Settings{Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	var members []sources.Member
	for _, word := range words {
		p := &part{client: client, word: word}
		p.document = fetch.Document[string]{URL: upstream.URL, Decode: func(b []byte) (string, error) { return string(b), nil }}
		members = append(members, sources.Member{Key: word, Source: p})
	}
	return sources.Group(members)
}

// TestGroupAsksOnce: one request for all, also where the answer is a 304.
func TestGroupAsksOnce(t *testing.T) {
	var asked atomic.Int32
	g := group(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"1"`)
		fmt.Fprint(w, `{"east": 1, "west": 2}`)
	}, "east", "west", "north")
	for poll := range int32(3) {
		r, err := g.Poll(t.Context(), time.Now())
		if err != nil || r.Page.Name != "east" || len(r.Others) != 2 {
			t.Fatalf("poll %d: %+v, %v", poll, r, err)
		}
		if west := r.Others[0]; west.Key != "west" || west.Err != nil || west.Reading.Page.Name != "west" {
			t.Errorf("poll %d: west %+v", poll, west)
		}
		if north := r.Others[1]; fetch.ReasonOf(north.Err) != fetch.Shape {
			t.Errorf("poll %d: north %v, want its own fault alone", poll, north.Err)
		}
		if n := asked.Load(); n != poll+1 {
			t.Errorf("poll %d: %d requests", poll, n)
		}
	}
}

func TestGroupSharesFailures(t *testing.T) {
	var asked atomic.Int32
	g := group(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}, "east", "west")
	r, err := g.Poll(t.Context(), time.Now())
	if fetch.ReasonOf(err) != fetch.HTTP5xx || len(r.Others) != 1 || fetch.ReasonOf(r.Others[0].Err) != fetch.HTTP5xx {
		t.Errorf("%+v, %v", r, err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestGroupOfOneIsItself(t *testing.T) {
	one := &part{}
	if got := sources.Group([]sources.Member{{Key: "one", Source: one}}); got != sources.Source(one) {
		t.Errorf("%T", got)
	}
}
