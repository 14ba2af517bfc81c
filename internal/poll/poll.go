// Package poll decides when to ask which upstream: each source at its own
// phase of its interval, never twice at once, later after a failure, and as
// late as the upstream asks for.
package poll

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

const (
	// Workers is how many polls run at once. A slow upstream holds one for at
	// most its timeout.
	Workers = 64
	// spreadMax and spreadEach bound the time over which a first round is
	// spread.
	spreadMax  = 4 * time.Second
	spreadEach = 20 * time.Millisecond
)

// Job is one source to poll.
type Job struct {
	Key      string        // identity: a job that keeps it keeps its source and its schedule
	Engine   string        // handed through to the outcome
	Interval time.Duration // between two good polls
	Floor    time.Duration // never less than this between two starts
	Open     func() sources.Source
	Version  string // when it changes, the job goes on with a newly opened source

	// Asked is when the source was last asked before this poller had the job,
	// perhaps by another replica; zero: not known. The job goes on from there.
	Asked time.Time
}

// Outcome is how one poll ended.
type Outcome struct {
	Key     string
	Engine  string
	Start   time.Time
	End     time.Time
	Reading sources.Reading
	Err     error
}

// Poller runs jobs until it is stopped.
type Poller struct {
	deliver func(Outcome)
	slots   chan struct{}
	wg      sync.WaitGroup

	mu    sync.Mutex
	loops map[string]*loop

	configured bool
	first      sync.WaitGroup // one for each source of the first configuration
	ready      chan struct{}
}

// New makes a poller. deliver is called once for each ended poll, by the
// goroutine that polled.
func New(deliver func(Outcome)) *Poller {
	return &Poller{deliver: deliver, slots: make(chan struct{}, Workers), loops: map[string]*loop{}, ready: make(chan struct{})}
}

// Configure makes the given jobs the ones that run. Those that stay go on
// undisturbed, new ones start within seconds, all others are stopped.
func (p *Poller) Configure(ctx context.Context, jobs []Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := make(map[string]*loop, len(jobs))
	fresh := 0
	for _, j := range jobs {
		l := p.loops[j.Key]
		if l == nil {
			fresh++
			l = &loop{p: p, key: j.Key, engine: j.Engine, asked: j.Asked, version: j.Version, open: j.Open}
		}
		l.set(j)
		next[j.Key] = l
	}
	for key, l := range p.loops {
		if next[key] == nil {
			l.cancel()
		}
	}
	spread := min(spreadMax, time.Duration(fresh)*spreadEach)
	for _, l := range next {
		if l.cancel == nil {
			p.start(ctx, l, spread)
		}
	}
	p.loops = next
	if !p.configured {
		p.configured = true
		p.wg.Go(func() {
			p.first.Wait()
			close(p.ready)
		})
	}
}

func (p *Poller) start(ctx context.Context, l *loop, spread time.Duration) {
	ctx, l.cancel = context.WithCancel(ctx)
	first := time.Now()
	if spread > 0 {
		first = first.Add(time.Duration(hash(l.key) % uint64(spread)))
	}
	resumed := l.resumed(time.Now())
	ended := func() {}
	if !p.configured && !resumed.After(first) { // else its last poll still stands
		p.first.Add(1)
		ended = sync.OnceFunc(p.first.Done)
	}
	p.wg.Go(func() {
		defer ended()
		l.run(ctx, status.Latest(first, resumed), ended)
	})
}

// FirstRound is closed when every source of the first configuration has been
// polled once, well or not, or was already when its job came.
func (p *Poller) FirstRound() <-chan struct{} { return p.ready }

// Wait returns when all polling has stopped, after the context given to
// Configure was cancelled.
func (p *Poller) Wait() { p.wg.Wait() }

// loop polls one source.
type loop struct {
	p      *Poller
	key    string
	engine string
	asked  time.Time      // before the loop began
	source sources.Source // used by the loop's own goroutine alone
	cancel context.CancelFunc

	mu       sync.Mutex
	interval time.Duration
	floor    time.Duration
	version  string
	open     func() sources.Source // to be used before the next poll; nil: keep the source
	failures int
}

func (l *loop) set(j Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interval, l.floor = j.Interval, min(j.Floor, j.Interval)
	if l.version != j.Version {
		l.version, l.open = j.Version, j.Open
	}
}

// resumed is when the schedule goes on that was kept before the loop began;
// zero if there was none. A clock that was wrong must not stop the polls.
func (l *loop) resumed(now time.Time) time.Time {
	if l.asked.IsZero() {
		return time.Time{}
	}
	asked := status.Earliest(l.asked, now)
	return phased(l.key, asked.Add(max(l.floor, l.interval/2)), l.interval)
}

// refresh opens the source anew if its job asks for it.
func (l *loop) refresh() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != nil {
		l.source, l.open = l.open(), nil
	}
}

func (l *loop) run(ctx context.Context, next time.Time, ended func()) {
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		select {
		case <-ctx.Done():
			return
		case l.p.slots <- struct{}{}:
		}
		out := l.poll(ctx)
		<-l.p.slots
		if ctx.Err() != nil {
			return // a poll cut short by the stop says nothing about its upstream
		}
		l.p.deliver(out)
		ended()
		next = l.next(next, out)
		timer.Reset(time.Until(next))
	}
}

// poll asks once. A panic in a decoder is a failed poll of that source, not
// the end of the program.
func (l *loop) poll(ctx context.Context) (out Outcome) {
	out = Outcome{Key: l.key, Engine: l.engine, Start: time.Now()}
	defer func() {
		out.End = time.Now()
		if r := recover(); r != nil {
			out.Reading, out.Err = sources.Reading{}, &fetch.Error{Reason: fetch.Decode, Err: fmt.Errorf("decoder panicked: %v", r)}
		}
	}()
	l.refresh()
	out.Reading, out.Err = l.source.Poll(ctx, out.Start)
	return out
}

// next is when to poll again after a poll that was due at a given time. After
// a good one: at the source's phase of its interval. After failures: full
// jitter of up to one interval, doubling to at most two, so that a source
// comes back within two intervals of its fault's end. The upstream's own wish
// leads.
func (l *loop) next(due time.Time, out Outcome) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if out.Start.Sub(due) > time.Second {
		due = out.Start // it had to wait for its turn
	}
	if out.Err == nil {
		l.failures = 0
		return phased(l.key, due.Add(max(l.floor, l.interval/2)), l.interval)
	}
	l.failures++
	span := l.interval * time.Duration(min(l.failures, 2))
	next := out.Start.Add(rand.N(span))
	if rested := out.End.Add(l.floor); rested.After(next) {
		next = rested // from the end: a poll that takes long may ask late
	}
	if asked := out.End.Add(fetch.RetryAfter(out.Err)); asked.After(next) && fetch.RetryAfter(out.Err) > 0 {
		next = asked
	}
	return next
}

// phased is the first time from earliest on that is at the key's phase of an
// interval. The phase does not change over restarts, so they do not bunch.
func phased(key string, earliest time.Time, interval time.Duration) time.Time {
	phase := time.Duration(hash(key) % uint64(interval))
	late := (time.Duration(earliest.UnixNano()) - phase) % interval
	if late == 0 {
		return earliest
	}
	return earliest.Add(interval - late)
}

func hash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64()
}
