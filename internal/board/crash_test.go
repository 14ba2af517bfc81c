package board

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/downstatus/downstatus_exporter/internal/history"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// disk is the real store under a model's world.
type disk struct {
	t     *testing.T
	dir   string
	store *history.Store
	clock func() time.Time
}

func newDisk(t *testing.T, clock func() time.Time) *disk {
	d := &disk{t: t, dir: t.TempDir(), clock: clock}
	d.open()
	t.Cleanup(func() { d.store.Close() })
	return d
}

func (d *disk) open() {
	d.t.Helper()
	var err error
	if d.store, err = history.Open(context.Background(), history.Options{Dir: d.dir, Now: d.clock}); err != nil {
		d.t.Fatal(err)
	}
}

// image is what the files of a store hold, by their names.
type image map[string][]byte

const dbFile, walFile = "downstatus.db", "downstatus.db-wal"

// files are the database and its log.
func (d *disk) files() image {
	d.t.Helper()
	out := image{}
	for _, name := range [...]string{dbFile, walFile} {
		body, err := os.ReadFile(filepath.Join(d.dir, name))
		if err != nil && !os.IsNotExist(err) {
			d.t.Fatal(err)
		}
		out[name] = body
	}
	return out
}

func (d *disk) save(c history.Changes) {
	if err := d.store.Save(context.Background(), c); err != nil {
		d.t.Errorf("save: %v", err)
	}
}

// torn is what a process leaves behind that ends when so many bytes of a save
// have reached the log, which is written from its front.
func torn(before, after image, written int) image {
	if written >= len(after[walFile]) {
		return after
	}
	wal := slices.Clone(after[walFile][:written])
	if old := before[walFile]; written < len(old) {
		wal = append(wal, old[written:]...)
	}
	return image{dbFile: before[dbFile], walFile: wal}
}

// die ends the run, and gives back what the next one finds in what is left.
func (d *disk) die(left image) history.State {
	d.t.Helper()
	d.store.Close() // what it still writes is not taken along
	d.dir = d.t.TempDir()
	for name, body := range left {
		if err := os.WriteFile(filepath.Join(d.dir, name), body, 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	d.open()
	state, err := d.store.Load(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	return state
}

// byID compares outages whatever their order: several may have begun at once;
// and bodies as a whole, which byte by byte takes minutes.
var byID = cmp.Options{cmp.Transformer("byID", outagesByID), cmp.Comparer(bytes.Equal)}

func outagesByID(all []status.Outage) map[string]status.Outage {
	out := map[string]status.Outage{}
	for _, o := range all {
		out[o.ID] = o
	}
	return out
}

// recall makes a memory hold a state.
func (m *memory) recall(s history.State) {
	m.services, m.readings, m.outages, m.sources = s.Services, s.Readings, outagesByID(s.Outages), s.Sources
	m.moments, m.learned = map[moment]status.Transition{}, map[string]history.DetectorState{}
	for _, t := range s.Transitions {
		m.moments[moment{t.Slug, t.Since.UnixMilli()}] = t
	}
	for _, d := range s.Detectors {
		m.learned[d.Slug+"\n"+d.Source+"\n"+d.Row] = d
	}
}

// pollAndDie polls one source, and the process dies at a random byte of what
// it writes about that: the poll has either happened or not.
func (m *model) pollAndDie(d *disk) {
	m.t.Helper()
	m.store.err = nil
	m.Tick(m.now)
	before, filesBefore := m.store.state(), d.files()
	key := []string{"page/acme", "page/other", "feed/a", "feed/b"}[m.rng.IntN(4)]
	r := m.ask(key)
	m.Apply(r)
	filesAfter := d.files()
	written := len(filesAfter[walFile])
	if first := firstDifference(filesBefore[walFile], filesAfter[walFile]); m.chance(80) {
		written = first + m.rng.IntN(written-first+1)
	}
	found := d.die(torn(filesBefore, filesAfter, written))
	switch {
	case cmp.Equal(found, m.store.state(), byID):
		m.told(key, r)
	case written < len(filesAfter[walFile]) && cmp.Equal(found, before, byID):
	default:
		m.t.Fatalf("found neither what was there before (-) nor after:\n%s", cmp.Diff(before, found, byID))
	}
	m.store.recall(found)
	m.restart(m.plan)
	m.forget()
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// TestKilledAtAnyMoment lets runs die at a thousand random moments.
func TestKilledAtAnyMoment(t *testing.T) {
	worlds, deaths := uint64(20), 50
	if testing.Short() {
		worlds, deaths = 2, 20
	}
	for seed := range worlds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, 1000+seed)
			d := newDisk(t, func() time.Time { return m.now })
			d.save(m.store.changes())
			m.store.saving = func(c history.Changes) {
				if m.store.err == nil {
					d.save(c)
				}
			}
			m.check()
			for range deaths {
				for range 1 + m.rng.IntN(4) {
					m.step()
				}
				m.pollAndDie(d)
				m.check()
			}
		})
	}
}
