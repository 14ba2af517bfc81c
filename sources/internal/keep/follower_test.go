package keep

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// incidents makes some of words: "a" is open, "a!" over at noon, "a!30d" so long
// before, "a?" over without an end.
func incidents(words string) (all []status.Incident) {
	for word := range strings.FieldsSeq(words) {
		id, days, ended := strings.Cut(word, "!")
		in := status.Incident{ID: strings.TrimSuffix(id, "?"), Over: ended || strings.HasSuffix(id, "?")}
		if ended {
			ago, _ := time.ParseDuration(strings.Replace(days, "d", "h", 1))
			in.Resolved = noon.Add(-24 * ago)
		}
		all = append(all, in)
	}
	return all
}

func ids(all []status.Incident) string {
	var out []string
	for _, in := range all {
		out = append(out, in.ID)
	}
	return strings.Join(out, " ")
}

type poll struct {
	name, open, over string
	history          string // what it holds; "-": it must not be asked, "fails": it fails
	ended            string
}

func follow(t *testing.T, with bool, polls []poll) {
	t.Helper()
	var f Follower
	var asked bool
	var p poll
	if with {
		f.History = func(context.Context, time.Time, []status.Incident) ([]status.Incident, error) {
			asked = true
			if p.history == "fails" {
				return nil, errors.New("no")
			}
			return incidents(p.history), nil
		}
	}
	for _, p = range polls {
		asked = false
		r := f.Follow(t.Context(), noon, &status.Page{Incidents: incidents(p.open)}, incidents(p.over))
		if ids(r.Ended) != p.ended || ids(r.Page.Incidents) != p.open || asked == (p.history == "-") || (len(r.Notes) == 1) != (p.history == "fails") {
			t.Errorf("%s: open %q, ended %q, asked %t, notes %q", p.name, ids(r.Page.Incidents), ids(r.Ended), asked, r.Notes)
		}
	}
}

// TestOneDocument: all that is over is told at first, later what is news.
func TestOneDocument(t *testing.T) {
	follow(t, false, []poll{
		{"first", "a b", "old! older!400d", "-", "old older"},
		{"the same", "a b", "old! older!", "-", ""},
		{"one is over", "b", "a! old!", "-", "a"},
		{"told once", "b", "a! old!", "-", ""},
		{"begun and over between two polls", "b", "c! a!", "-", "c"},
		{"without an end", "", "b? a!", "-", ""},
		{"the end is told later", "", "b! a!", "-", "b"},
		{"listed as both", "b", "b! a!", "-", ""},
		{"open again", "b", "a!", "-", ""},
		{"over again", "", "b! a!", "-", "b"},
	})
}

// TestHistory: the history is asked at first and for what has left.
func TestHistory(t *testing.T) {
	follow(t, true, []poll{
		{"first", "a b c", "d!", "a! d! x! y!400d v?", "d x y"},
		{"calm", "a b c", "d!", "-", ""},
		{"told by the page", "b c", "a! d!", "-", "a"},
		{"left", "c", "", "b! x!", "b x"},
		{"left, and the history lags", "", "", "c", ""},
		{"asked again", "", "", "c!", "c"},
		{"no more", "", "", "-", ""},
		{"another", "e f", "", "-", ""},
		{"not in the history", "f", "", "x! f!", "x"},
		{"given up", "f", "", "-", ""},
		{"it fails", "", "", "fails", ""},
		{"twice", "", "", "fails", ""},
		{"three times", "", "", "fails", ""},
		{"enough", "", "", "-", ""},
	})
	follow(t, true, []poll{
		{"it fails", "a", "", "fails", ""},
		{"at the next poll", "a", "", "a! b!", "b"},
		{"back", "", "", "fails", ""},
		{"it is back", "a", "", "-", ""},
	})
}

// TestSamePage: a page that says the same is the same.
func TestSamePage(t *testing.T) {
	var f Follower
	ranked := func(rank status.Indicator) *status.Page {
		return &status.Page{Components: []status.Component{{ID: "a", Rank: rank}}}
	}
	first := f.Follow(t.Context(), noon, ranked(status.None), nil).Page
	if again := f.Follow(t.Context(), noon, ranked(status.None), nil).Page; again != first {
		t.Error("an equal page is another one")
	}
	if other := f.Follow(t.Context(), noon, ranked(status.Minor), nil).Page; other == first {
		t.Error("a changed page is the old one")
	}
}

// TestUnite: ids name series, so that each stands once, as the worse of two.
func TestUnite(t *testing.T) {
	ref := []status.ComponentRef{{ID: "x"}}
	p := &status.Page{
		Components: []status.Component{
			{ID: "a", Rank: status.None}, {ID: "a", Rank: status.IndicatorUnknown}, {ID: "b", Rank: status.IndicatorUnknown},
			{ID: "b", Rank: status.Minor}, {ID: "c", Maintenance: true}, {ID: "c"},
		},
		Incidents: []status.Incident{
			{ID: "1", Impact: status.Minor, Monitoring: true, Components: ref, Started: noon}, {ID: "2", Components: ref},
			{ID: "1", Impact: status.Major, Components: ref, Started: noon.Add(-time.Hour)}, {ID: "2"},
		},
		Windows: []status.Window{
			{ID: "w", Start: noon, End: noon.Add(time.Hour), Components: ref}, {ID: "w", Start: noon.Add(-time.Hour), End: noon.Add(2 * time.Hour), Components: ref},
			{ID: "open", End: noon}, {ID: "open"},
		},
	}
	p = new(Follower).Follow(t.Context(), noon, p, nil).Page
	if len(p.Components) != 3 || p.Components[0].Rank != status.IndicatorUnknown || p.Components[1].Rank != status.Minor || p.Components[2].Maintenance {
		t.Errorf("components %+v", p.Components)
	}
	if in := p.Incidents; len(in) != 2 || in[0].Impact != status.Major || in[0].Monitoring || len(in[0].Components) != 2 || in[0].Started.Equal(noon) || in[1].Components != nil {
		t.Errorf("incidents %+v", in)
	}
	if w := p.Windows; len(w) != 2 || w[0].Start.Equal(noon) || !w[0].End.Equal(noon.Add(2*time.Hour)) || len(w[0].Components) != 2 || !w[1].End.IsZero() {
		t.Errorf("windows %+v", w)
	}
}

// TestHistoryInPart: what a history returns beside an error counts, and gone
// are the incidents as they were last seen.
func TestHistoryInPart(t *testing.T) {
	var f Follower
	var seen string
	f.History = func(_ context.Context, _ time.Time, gone []status.Incident) ([]status.Incident, error) {
		seen = ""
		for _, in := range gone {
			seen += in.ID + in.Title + " "
		}
		return incidents("a! b"), errors.New("b is not known")
	}
	page := func(open string) *status.Page {
		p := &status.Page{Incidents: incidents(open)}
		for i := range p.Incidents {
			p.Incidents[i].Title = "'s title"
		}
		return p
	}
	f.Follow(t.Context(), noon, page("a b"), nil)
	r := f.Follow(t.Context(), noon, page(""), nil)
	if ids(r.Ended) != "a" || len(r.Notes) != 1 || seen != "a's title b's title " {
		t.Errorf("ended %q, notes %q, asked about %q", ids(r.Ended), r.Notes, seen)
	}
	if f.Follow(t.Context(), noon, page(""), nil); seen != "b's title " {
		t.Errorf("asked about %q, want what is not known", seen)
	}
}

// TestPageInUse: a page that was handed on is never changed.
func TestPageInUse(t *testing.T) {
	var f Follower
	page := &status.Page{Incidents: []status.Incident{{ID: "a", Started: noon}}}
	f.Follow(t.Context(), noon, page, nil)
	f.Follow(t.Context(), noon, page, []status.Incident{{ID: "a", Over: true, Started: noon.Add(-time.Hour), Resolved: noon}})
	if !page.Incidents[0].Started.Equal(noon) {
		t.Error("the page of the poll before was changed")
	}
}

// TestHidden: a component that is shown only while it is ill stays listed.
func TestHidden(t *testing.T) {
	var f Follower
	f.Follow(t.Context(), noon, &status.Page{Components: []status.Component{{ID: "a", Rank: status.Minor, OnlyIfBad: true}}}, nil)
	r := f.Follow(t.Context(), noon, &status.Page{}, nil)
	if c := r.Page.Components; len(c) != 1 || !c[0].Hidden || c[0].Rank != status.None {
		t.Errorf("components %+v", c)
	}
}
