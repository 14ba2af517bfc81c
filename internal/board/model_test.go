package board

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
)

// The model is the rules of contract section 3 once more, told in another way:
// it remembers what each source last said of each service, and when.

// statement is the last that was understood of a source.
type statement struct {
	severity status.Status
	at       time.Time
	current  bool // the newest reading says so
}

type model struct {
	*world
	rng  *rand.Rand
	plan *config.Plan

	pages     map[string]*truth
	feeds     map[string]*truth
	said      map[string]map[voice]statement // by slug
	rewatched map[string]bool                // taken out while the record was open, which may go on
	newest    map[string]Result              // good polls, by source, dated by their observation
	open      map[string]time.Time           // when the open record was opened

	deltaSeen bool // delta is shown

	first   map[string]time.Time
	seconds map[string][4]time.Duration
	counts  map[string]map[status.Signal]uint64
	records map[string]status.Outage // as first seen, after their start was fixed
}

// truth is how things are at one upstream.
type truth struct {
	components [2]status.Indicator // of a page
	strange    bool                // a page says a word nobody knows
	incidents  []status.Incident
	ended      []status.Incident // not told yet
	past       []status.Incident
	rows       map[string]status.FeedService
	unlisted   map[string]bool
	broken     bool
	frozen     *status.Feed // a feed repeats itself
	kept       *status.Page // a page that did not change is the same pointer
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{
		rng: rand.New(rand.NewPCG(seed, 1)), pages: map[string]*truth{}, feeds: map[string]*truth{},
		said: map[string]map[voice]statement{}, newest: map[string]Result{}, rewatched: map[string]bool{}, open: map[string]time.Time{}, first: map[string]time.Time{},
		seconds: map[string][4]time.Duration{}, counts: map[string]map[status.Signal]uint64{}, records: map[string]status.Outage{},
	}
	m.pages["page/acme"], m.pages["page/other"] = &truth{}, &truth{}
	m.feeds["feed/a"] = &truth{unlisted: map[string]bool{}, rows: map[string]status.FeedService{
		"beta-inc": row("beta-inc", status.Operational), "gamma": relayed("gamma", status.Operational, status.None),
		"delta": row("delta", status.Operational), "epsilon": row("epsilon", status.Operational),
	}}
	m.feeds["feed/b"] = &truth{unlisted: map[string]bool{}, rows: map[string]status.FeedService{"epsilon": row("epsilon", status.Operational)}}
	m.plan = modelPlan("API", true)
	m.world = newWorld(t, m.plan)
	return m
}

// modelPlan has a service of every kind; delta is known to feed/a alone.
func modelPlan(scope string, epsilon bool) *config.Plan {
	alpha := onlyFeeds("alpha")
	alpha.Official = "page/acme"
	beta := scoped(onlyFeeds("beta", "feed/a"), scope)
	beta.Official, beta.Feeds["feed/a"] = "page/acme", "beta-inc"
	services := []config.Service{alpha, beta}
	if epsilon {
		e := onlyFeeds("epsilon", "feed/a", "feed/b")
		e.Official = "page/other"
		services = append(services, e)
	} else { // the feed lists it all the same: an alias keeps it from being shown
		services[0].Feeds["feed/a"] = "epsilon"
	}
	p := plan(append(services, onlyFeeds("gamma", "feed/a"))...)
	for _, name := range []string{"page/acme", "page/other", "feed/b"} {
		withSource(p, name)
	}
	return showAll(p, "feed/a")
}

func (m *model) chance(percent int) bool { return m.rng.IntN(100) < percent }

func (m *model) severity() status.Status { return status.Status(m.rng.IntN(3)) }

// change lets something happen upstream.
func (m *model) change() {
	switch m.rng.IntN(8) {
	case 0, 1:
		m.changePage(m.pages[[]string{"page/acme", "page/other"}[m.rng.IntN(2)]])
	case 2, 3:
		f := m.feeds[[]string{"feed/a", "feed/b"}[m.rng.IntN(2)]]
		slug := slices.Sorted(maps.Keys(f.rows))[m.rng.IntN(len(f.rows))]
		r := f.rows[slug]
		r.Status = m.severity()
		if r.HasOfficial {
			r.Official = status.Indicator(m.rng.IntN(4))
		}
		f.rows[slug] = r
	case 4:
		all := [...]*truth{m.pages["page/acme"], m.pages["page/other"], m.feeds["feed/a"], m.feeds["feed/b"]}
		t := all[m.rng.IntN(len(all))]
		t.broken = !t.broken
	case 5:
		f := m.feeds["feed/a"]
		slug := []string{"beta-inc", "gamma", "delta"}[m.rng.IntN(3)]
		f.unlisted[slug] = !f.unlisted[slug]
	case 6:
		f := m.feeds[[]string{"feed/a", "feed/b"}[m.rng.IntN(2)]]
		f.frozen = nil
		if m.chance(30) {
			f.frozen = m.feedNow(f)
		}
	case 7:
		m.pages["page/acme"].strange = m.chance(20)
		m.pages["page/acme"].kept = nil
	}
}

// changePage begins or ends trouble of one component, with an incident of it.
func (m *model) changePage(p *truth) {
	p.kept = nil
	i := m.rng.IntN(2)
	id := []string{"a", "b"}[i]
	p.incidents = slices.DeleteFunc(p.incidents, func(in status.Incident) bool {
		if in.Components[0].ID != id {
			return false
		}
		ended := over(in, cut(m.now.Add(-time.Duration(m.rng.IntN(120))*time.Second)))
		p.ended, p.past = append(p.ended, ended), append(p.past, ended)
		return true
	})
	p.components[i] = status.Indicator(m.rng.IntN(4))
	if p.components[i] > status.None {
		began := m.now.Add(-time.Duration(m.rng.IntN(7200)) * time.Second)
		in := incident(fmt.Sprintf("%s%d", id, m.now.Unix()), p.components[i], began)
		in.Components = []status.ComponentRef{{ID: id, Rank: status.IndicatorUnknown}}
		p.incidents = append(p.incidents, in)
	}
}

func (p *truth) page() *status.Page {
	if p.kept == nil {
		word := max(p.components[0], p.components[1])
		if p.strange && word == status.None {
			word = status.IndicatorUnknown
		}
		p.kept = page(word, slices.Clone(p.incidents)...)
		p.kept.Components[0].Rank, p.kept.Components[1].Rank = p.components[0], p.components[1]
	}
	return p.kept
}

func (m *model) feedNow(f *truth) *status.Feed {
	out := feedAt(m.now)
	for slug, r := range f.rows {
		if !f.unlisted[slug] {
			out.Services[slug] = r
		}
	}
	return out
}

// pollAll polls most sources; what a good poll says is remembered.
func (m *model) pollAll() {
	var results []Result
	for _, key := range []string{"page/acme", "page/other", "feed/a", "feed/b"} {
		if m.chance(20) {
			continue
		}
		r := m.ask(key)
		m.told(key, r)
		results = append(results, r)
	}
	m.Apply(results...)
}

// ask is the outcome of a poll at this moment.
func (m *model) ask(key string) Result {
	r := Result{Key: key, At: m.now}
	switch t := m.truth(key); {
	case t.broken:
		r.Err = fmt.Errorf("poll %d fails", m.now.Unix())
	case m.pages[key] != nil:
		r.Reading = sources.Reading{Page: t.page(), Ended: t.ended}
		if m.chance(5) {
			r.Reading.Ended = t.past
		}
	case t.frozen != nil:
		r.Reading = sources.Reading{Feed: t.frozen}
	default:
		r.Reading = sources.Reading{Feed: m.feedNow(t)}
	}
	return r
}

func (m *model) truth(key string) *truth {
	if t := m.pages[key]; t != nil {
		return t
	}
	return m.feeds[key]
}

// told notes that the outcome of a poll has reached the board.
func (m *model) told(key string, r Result) {
	if r.Err == nil {
		m.truth(key).ended = nil
	}
	m.remember(key, r)
}

// remember notes what a good poll says of every service. A feed that repeats
// its date brings nothing new.
func (m *model) remember(key string, r Result) {
	if r.Err != nil {
		return
	}
	last := m.newest[key]
	if f := r.Reading.Feed; f != nil && last.Reading.Feed != nil && f.UpdatedAt.Equal(last.Reading.Feed.UpdatedAt) {
		r.At = last.At
	}
	m.newest[key] = r
	m.listen()
}

// listen takes what the newest readings say to the services of the plan.
func (m *model) listen() {
	for key, r := range m.newest {
		if r.Reading.Feed != nil {
			if _, lists := r.Reading.Feed.Services["delta"]; lists && key == "feed/a" {
				m.deltaSeen = true
			}
		}
	}
	for _, def := range m.watched() {
		for _, v := range voices(def) {
			if r, polled := m.newest[v.source]; polled {
				m.note(def.Slug, v, says(r.Reading, def, v), r.At)
			}
		}
	}
}

func (m *model) watched() []config.Service {
	if !m.deltaSeen {
		return m.plan.Services
	}
	return append(slices.Clone(m.plan.Services), onlyFeeds("delta", "feed/a"))
}

func voices(def config.Service) []voice {
	var out []voice
	if def.Official != "" {
		out = append(out, voice{def.Official, status.OfficialStatusPage})
	}
	for key := range def.Feeds {
		out = append(out, voice{key, status.UserReports})
		if def.Official == "" {
			out = append(out, voice{key, status.OfficialStatusPage})
		}
	}
	return out
}

// says is what a reading says for one signal of a service.
func says(r sources.Reading, def config.Service, v voice) status.Status {
	if r.Page != nil {
		return pageSays(r.Page, def.Scope)
	}
	row, listed := r.Feed.Services[def.Feeds[v.source]]
	official := status.Unknown
	if listed && row.HasOfficial {
		official = row.Official.Severity()
	}
	switch {
	case v.signal == status.OfficialStatusPage:
		return official
	case !listed:
		return status.Unknown
	case row.Status.Trouble() && official >= row.Status:
		return status.Operational
	default:
		return row.Status
	}
}

// pageSays is what the model's pages say: the worst of what is in scope.
func pageSays(p *status.Page, s status.Scope) status.Status {
	if !s.Active() {
		return p.Word.Rank.Severity()
	}
	for _, c := range p.Components {
		if c.Name == s.Include[0] {
			return c.Rank.Severity()
		}
	}
	return status.Unknown
}

func (m *model) note(slug string, v voice, severity status.Status, at time.Time) {
	if m.said[slug] == nil {
		m.said[slug] = map[voice]statement{}
	}
	last, before := m.said[slug][v]
	switch {
	case severity != status.Unknown:
		last = statement{severity, at, true}
	case before:
		last.current = false
	default:
		return
	}
	m.said[slug][v] = last
}

// forget drops what is not watched any more.
func (m *model) forget() {
	if _, open := m.open["delta"]; m.deltaSeen && !open {
		_, m.deltaSeen = m.newest["feed/a"].Reading.Feed.Services["delta"]
	}
	watched := map[string]bool{}
	for _, def := range m.watched() {
		watched[def.Slug] = true
	}
	gone := func(slug string) bool { return !watched[slug] }
	maps.DeleteFunc(m.said, func(slug string, _ map[voice]statement) bool { return gone(slug) })
	maps.DeleteFunc(m.open, func(slug string, _ time.Time) bool {
		m.rewatched[slug] = m.rewatched[slug] || gone(slug)
		return gone(slug)
	})
}

func (m *model) reload() {
	m.plan = modelPlan([]string{"API", "Web", "Nowhere"}[m.rng.IntN(3)], m.chance(60))
	m.Configure(m.plan, m.now)
	m.forget()
	m.listen()
}

// newRun is a restart. A scope that names nothing is left out of it: what a
// kept reading said to an earlier scope is dated by the store only roughly.
func (m *model) newRun() {
	if slices.ContainsFunc(m.plan.Services, func(s config.Service) bool { return slices.Contains(s.Scope.Include, "Nowhere") }) {
		return
	}
	m.store.err = nil
	m.Tick(m.now) // a store that fails to the end may lose what it likes
	if m.chance(50) {
		m.Flush(m.now)
	}
	m.now = m.now.Add(time.Duration(m.rng.IntN(3600)) * time.Second)
	m.restart(m.plan)
	m.forget()
}

// expect is the status by the rules. It is not sure where a record may go on
// that ended because nobody watched.
func (m *model) expect(def config.Service) (want status.Status, held, sure bool) {
	fresh, want, missing := status.Unknown, status.Unknown, false
	for _, v := range voices(def) {
		s, ok := m.said[def.Slug][v]
		age := m.now.Sub(s.at)
		switch {
		case !ok:
		case s.current && age < staleAfter:
			fresh, want = max(fresh, s.severity), max(want, s.severity)
		case !m.missed(def.Slug, s):
		case age <= holdOpenFor:
			want = max(want, s.severity)
		default:
			missing = true
		}
	}
	held = want.Trouble() && want > fresh
	if missing && want == status.Operational {
		want = status.Unknown
	}
	return want, held, !m.rewatched[def.Slug]
}

// missed is true for trouble that was fresh while the outage was open, and is
// not now.
func (m *model) missed(slug string, s statement) bool {
	opened, open := m.open[slug]
	return open && s.severity.Trouble() && !(s.current && m.now.Sub(s.at) < staleAfter) && opened.Sub(s.at) < staleAfter
}

func (m *model) check() {
	m.t.Helper()
	for _, def := range m.watched() {
		s := m.service(def.Slug)
		want, held, sure := m.expect(def)
		if sure && (s.Status != want || s.Stale != held) {
			m.t.Fatalf("%s: %s, stale %v; want %s, %v\nsaid %+v\nshown %+v", def.Slug, s.Status, s.Stale, want, held, m.said[def.Slug], s)
		}
		switch {
		case want.Trouble():
			if s.Outage == nil {
				m.t.Fatalf("%s: no open record: %+v", def.Slug, s)
			}
			if _, open := m.open[def.Slug]; !open {
				m.open[def.Slug] = s.Outage.DetectedAt
			}
		case want == status.Operational:
			delete(m.open, def.Slug)
			delete(m.rewatched, def.Slug)
		}
		if s.Status == status.Operational && !m.calmIsFresh(def) {
			m.t.Fatalf("%s is operational without a fresh good reading: %+v", def.Slug, m.said[def.Slug])
		}
		m.checkTime(s)
		m.checkRecords(s)
	}
	if shown := len(m.Snapshot().Services); shown != len(m.watched()) {
		m.t.Fatalf("%d services shown, want %d", shown, len(m.watched()))
	}
}

func (m *model) calmIsFresh(def config.Service) bool {
	for _, v := range voices(def) {
		if s, ok := m.said[def.Slug][v]; ok && s.current && s.severity == status.Operational && m.now.Sub(s.at) < staleAfter {
			return true
		}
	}
	return false
}

// checkTime: no counter is lowered, and no time is lost or counted twice.
func (m *model) checkTime(s *Service) {
	m.t.Helper()
	if _, known := m.first[s.Slug]; !known {
		m.first[s.Slug] = m.now
	}
	var sum time.Duration
	next := m.seconds[s.Slug]
	for _, word := range status.Statuses {
		d := s.Moving.Seconds(word, m.now)
		if d < next[word+1] {
			m.t.Fatalf("%s: %s %s, was %s", s.Slug, word, d, next[word+1])
		}
		next[word+1] = d
		sum += d
	}
	m.seconds[s.Slug] = next
	lag := m.now.Sub(m.first[s.Slug]) - sum
	if lag != 0 && !s.Stale || lag < 0 || lag >= heldStep {
		m.t.Fatalf("%s: %s passed, %s counted", s.Slug, m.now.Sub(m.first[s.Slug]), sum)
	}
	for signal, n := range s.OutageCount {
		if n < m.counts[s.Slug][signal] {
			m.t.Fatalf("%s: %d outages opened by %s, were %d", s.Slug, n, signal, m.counts[s.Slug][signal])
		}
	}
	m.counts[s.Slug] = s.OutageCount
}

func (m *model) checkRecords(s *Service) {
	m.t.Helper()
	if m.store.err != nil {
		return
	}
	all := m.store.of(s.Slug)
	opened := map[status.Signal]uint64{status.OfficialStatusPage: 0, status.UserReports: 0}
	for i, o := range all {
		if i > 0 && (all[i-1].Open() || all[i-1].ResolvedAt.After(o.StartedAt)) {
			m.t.Fatalf("%s: records overlap:\n%+v\n%+v", s.Slug, all[i-1], o)
		}
		if !o.Open() && o.ResolvedAt.Before(o.StartedAt) || o.Imported && o.Open() {
			m.t.Fatalf("%s: %+v", s.Slug, o)
		}
		if !o.Imported {
			opened[o.Signal]++
		}
		if was, old := m.records[o.ID]; old && (!was.StartedAt.Equal(o.StartedAt) || was.Signal != o.Signal) {
			m.t.Fatalf("%s: started %s by %s, was %s by %s", s.Slug, o.StartedAt, o.Signal, was.StartedAt, was.Signal)
		}
		if m.now.Sub(o.DetectedAt) > 15*time.Minute {
			m.records[o.ID] = o
		}
	}
	if diff := cmp.Diff(opened, s.OutageCount); diff != "" {
		m.t.Fatalf("%s: records and counters (-records +counters):\n%s", s.Slug, diff)
	}
	open := len(all) > 0 && all[len(all)-1].Open()
	if _, want := m.open[s.Slug]; open != want || open != (s.Outage != nil) {
		m.t.Fatalf("%s: open in the store %v, in the model %v, shown %+v", s.Slug, open, want, s.Outage)
	}
}

// step lets one thing happen, and some time pass before it.
func (m *model) step() {
	switch p := m.rng.IntN(1000); {
	case p < 10:
		m.now = m.now.Add(time.Duration(m.rng.IntN(30*3600)) * time.Second)
	case p < 100:
		m.now = m.now.Add(time.Duration(m.rng.IntN(3600)) * time.Second)
	default:
		m.now = m.now.Add(time.Duration(m.rng.IntN(120_000)) * time.Millisecond)
	}
	switch p := m.rng.IntN(100); {
	case p < 4:
		m.newRun()
	case p < 7:
		m.reload()
	case p < 11:
		m.store.err = [...]error{nil, errors.New("disk full")}[m.rng.IntN(2)]
	case p < 30:
		m.change()
	}
	if m.chance(80) {
		m.pollAll()
	}
	m.Tick(m.now)
	m.check()
}

func TestModel(t *testing.T) {
	runs := uint64(200)
	if testing.Short() {
		runs = 20
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newModel(t, seed)
			m.check()
			for range 300 {
				m.step()
			}
		})
	}
}
