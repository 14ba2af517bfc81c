package board

import (
	"maps"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
)

// voice is one source speaking for one signal.
type voice struct {
	source string // key
	signal status.Signal
}

// said is the last that a voice said and was understood.
type said struct {
	Severity status.Status
	At       time.Time
}

// words are what one source said, by service.
type words map[string]map[status.Signal]said

// words are what a source said to open records: for the hold across a restart.
func (b *Board) words(s *source) words {
	out := words{}
	for slug, v := range b.services {
		if !v.last().Open() {
			continue
		}
		for _, signal := range status.Signals {
			if last, ok := v.lastSaid(s, signal); ok {
				if out[slug] == nil {
					out[slug] = map[status.Signal]said{}
				}
				out[slug][signal] = last
			}
		}
	}
	return out
}

// lastSaid is the last that a source said for a signal of the service; false
// if it never spoke for it.
func (v *service) lastSaid(s *source, signal status.Signal) (said, bool) {
	if last, ok := v.heard[voice{s.def.Key, signal}]; ok {
		return last, true
	}
	if last, ok := s.said[v.def.Slug][signal]; ok {
		return last, true
	}
	return said{Severity: status.Unknown}, false
}

// hear adds what a source says for a signal. Where that is not understood,
// what it said last stands in: missing data clears nothing.
func (e *evidence) hear(v *service, s *source, in status.Input, now time.Time) {
	from := voice{s.def.Key, in.Signal}
	e.heardAt[in.Signal] = status.Latest(e.heardAt[in.Signal], s.observed)
	if in.Severity == status.Unknown {
		v.heard[from], _ = v.lastSaid(s, in.Signal)
		e.miss(v, s, in.Signal)
		return
	}
	v.heard[from] = said{in.Severity, s.observed}
	if !s.fresh(now) {
		e.miss(v, s, in.Signal)
		return
	}
	in.LastGood, in.Fresh = s.observed, true
	e.last[in.Signal] = status.Worse(e.last[in.Signal], in.Severity)
	e.inputs = append(e.inputs, in)
}

// miss adds what a source said last, unless that was stale already when the
// open record began: it is no part of this outage.
func (e *evidence) miss(v *service, s *source, signal status.Signal) {
	last, _ := v.lastSaid(s, signal)
	e.last[signal] = status.Worse(e.last[signal], last.Severity)
	if o := v.last(); o.Open() && !last.At.Add(s.limit).After(o.DetectedAt) {
		last.Severity = status.Unknown
	}
	e.stale(status.Input{Signal: signal, Severity: last.Severity, LastGood: last.At})
}

func (e *evidence) stale(in status.Input) {
	e.inputs = append(e.inputs, in)
	e.missing = e.missing || in.Severity.Trouble()
}

// standIn adds what the store knows of a signal for which no source has said
// anything in this run.
func (e *evidence) standIn(v *service, signal status.Signal, has bool) {
	if has && e.last[signal] == status.Unknown {
		e.stale(status.Input{Signal: signal, Severity: v.known[signal], LastGood: v.lastGood})
	}
}

// known is what is known last of each signal, for the store.
func (e *evidence) known(was map[status.Signal]status.Status) map[status.Signal]status.Status {
	known := maps.Clone(was)
	for signal, severity := range e.last {
		if severity != status.Unknown {
			known[signal] = severity
		}
	}
	return known
}

// mayHaveHeard reports whether a source that is silent now has spoken for the
// service in this run, or may have before it: the open record tells.
func (v *service) mayHaveHeard(s *source, signal status.Signal) bool {
	if _, ok := v.lastSaid(s, signal); ok {
		return true
	}
	last := v.last()
	if !last.Open() {
		return false
	}
	if signal == status.OfficialStatusPage {
		return !last.OfficialStartedAt.IsZero()
	}
	return !last.ReportsStartedAt.IsZero()
}
