package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/collector"
	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// lookback is how far Prometheus looks back for a sample, unless told
// otherwise: samples further apart leave holes.
const lookback = 5 * time.Minute

// BackfillQuery is what backfill takes.
type BackfillQuery struct {
	Since  time.Duration // how long ago the first sample is
	Until  time.Duration // how long ago the last sample is
	Step   time.Duration // between samples of a value that stays
	Output string        // file to write; empty: the given writer
}

// Backfill writes what the store remembers as OpenMetrics with timestamps.
func Backfill(ctx context.Context, w io.Writer, c *config.Config, storagePath string, q BackfillQuery, now time.Time) error {
	if q.Step < time.Second || q.Step >= lookback || q.Step%time.Second != 0 {
		return fmt.Errorf("--step=%s: want whole seconds, from 1s to 4m59s: Prometheus looks back %s for a sample", q.Step, lookback)
	}
	if q.Until < 0 || q.Since <= q.Until {
		return fmt.Errorf("--since=%s: want a time before --until=%s", q.Since, q.Until)
	}
	p, err := recall(ctx, c, storagePath, q.Since, now)
	if err != nil {
		return err
	}
	p.until = status.Earliest(p.until, now.Add(-q.Until))
	if q.Output == "" {
		return p.expose(w, q.Step)
	}
	return writeFile(q.Output, func(w io.Writer) error { return p.expose(w, q.Step) })
}

// series is one series of a family.
type series struct {
	labels string // as it is written
	pieces []piece
}

// piece is a time in which a series has samples; to is no part of it.
type piece struct {
	from, to time.Time
	value    func(at time.Time) float64
	last     bool // the last moment gets a sample too: the value moves
}

// backfilled are the families that the store can tell of, by name.
var backfilled = []struct {
	name   string
	series func(p past, s remembered) []series
}{
	{"downstatus_outage_duration_seconds", outageDurations},
	{"downstatus_outage_start_timestamp_seconds", outageStarts},
	{"downstatus_outages_total", outagesTotal},
	{"downstatus_service_official_severity", severityOf(status.OfficialStatusPage)},
	{"downstatus_service_reports_severity", severityOf(status.UserReports)},
	{"downstatus_service_severity", severityOf(status.BothSignals)},
	{"downstatus_service_status", serviceStatus},
}

// expose writes all families. Samples of one series stand together, the oldest
// first.
func (p past) expose(w io.Writer, step time.Duration) error {
	out := bufio.NewWriterSize(w, 1<<16)
	described := map[string]collector.Family{}
	for _, f := range collector.Families() {
		described[f.Name] = f
	}
	for _, f := range backfilled {
		name := strings.TrimSuffix(f.name, "_total") // OpenMetrics names a counter without
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", name, described[f.name].Help, described[f.name].Type)
		for _, s := range p.services {
			for _, one := range f.series(p, s) {
				one.write(out, f.name, int64(step/time.Second))
			}
		}
	}
	fmt.Fprintln(out, "# EOF")
	return out.Flush()
}

// write writes the samples, at whole seconds: where a piece begins, and then at
// every multiple of the step.
func (s series) write(w *bufio.Writer, name string, step int64) {
	head := name + "{" + s.labels + "} "
	var line []byte
	for _, p := range s.pieces {
		first, end := ceil(p.from), ceil(p.to)
		for at := first; at < end; at += step - at%step {
			line = p.sample(append(line[:0], head...), at)
			_, _ = w.Write(line) // Flush tells
			if next := at + step - at%step; p.last && next >= end && at < end-1 {
				line = p.sample(append(line[:0], head...), end-1)
				_, _ = w.Write(line)
			}
		}
	}
}

func (p piece) sample(line []byte, at int64) []byte {
	line = strconv.AppendFloat(line, p.value(time.Unix(at, 0)), 'f', -1, 64)
	line = append(line, ' ')
	line = strconv.AppendInt(line, at, 10)
	return append(line, '\n')
}

// ceil is the first whole second that is not before a time.
func ceil(t time.Time) int64 {
	seconds := t.Unix()
	if t.Nanosecond() > 0 {
		seconds++
	}
	return seconds
}

func constant(v float64) func(time.Time) float64 { return func(time.Time) float64 { return v } }

// clip leaves what lies within the time.
func (p past) clip(all []piece) []piece {
	var out []piece
	for _, one := range all {
		one.from, one.to = status.Latest(one.from, p.from), status.Earliest(one.to, p.until)
		if one.from.Before(one.to) {
			out = append(out, one)
		}
	}
	return out
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labels writes pairs of names and values.
func labels(pairs ...string) string {
	var out []string
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, pair[0]+`="`+escaper.Replace(pair[1])+`"`)
	}
	return strings.Join(out, ",")
}

// shown are the spans in which there is something to show: not those before the
// first watch, but for the moment in which something that is known ends there.
func (p past) shown(s remembered, signal status.Signal) []status.Span {
	watched := s.WatchedSince()
	if watched.IsZero() {
		watched = p.until
	}
	var out []status.Span
	for i, span := range s.Timeline(signal, p.from, p.until) {
		if span.Status == status.Unknown && span.From.Before(watched) {
			if i > 0 {
				out = append(out, status.Span{From: span.From, To: status.Earliest(span.From.Add(time.Second), span.To), Status: status.Unknown})
			}
			span.From = status.Latest(watched, span.From.Add(time.Second))
		}
		if span.From.Before(span.To) {
			out = append(out, span)
		}
	}
	return out
}

// severityOf is absent for a signal of which nothing is known in all the time:
// the service may have no such source.
func severityOf(signal status.Signal) func(past, remembered) []series {
	return func(p past, s remembered) []series {
		one := series{labels: labels("slug", s.slug)}
		known := signal == status.BothSignals
		for _, span := range p.shown(s, signal) {
			known = known || span.Status != status.Unknown
			one.pieces = append(one.pieces, piece{from: span.From, to: span.To, value: constant(float64(span.Status))})
		}
		if !known {
			return nil
		}
		return []series{one}
	}
}

func serviceStatus(p past, s remembered) []series {
	spans := p.shown(s, status.BothSignals)
	var out []series
	for _, word := range status.Statuses {
		one := series{labels: labels("slug", s.slug, "status", word.String())}
		for _, span := range spans {
			value := constant(0)
			if span.Status == word {
				value = constant(1)
			}
			one.pieces = append(one.pieces, piece{from: span.From, to: span.To, value: value})
		}
		out = append(out, one)
	}
	return out
}

// outageSeries makes one series for each signal that opened an outage.
func outageSeries(p past, s remembered, of func(o *status.Outage) piece) []series {
	var out []series
	for _, signal := range status.Signals {
		one := series{labels: labels("signal", string(signal), "slug", s.slug)}
		for _, o := range s.Outages {
			if o.Signal == signal {
				next := of(o)
				next.from, next.to = o.StartedAt, o.ResolvedAt
				if o.Open() {
					next.to = p.until
				}
				one.pieces = append(one.pieces, next)
			}
		}
		if one.pieces = p.clip(one.pieces); len(one.pieces) > 0 {
			out = append(out, one)
		}
	}
	return out
}

func outageStarts(p past, s remembered) []series {
	return outageSeries(p, s, func(o *status.Outage) piece {
		return piece{value: constant(float64(o.StartedAt.UnixMilli()) / 1000)}
	})
}

func outageDurations(p past, s remembered) []series {
	return outageSeries(p, s, func(o *status.Outage) piece {
		return piece{last: true, value: func(at time.Time) float64 {
			return float64(at.Sub(o.StartedAt).Milliseconds()) / 1000
		}}
	})
}

// outagesTotal counts back from what the store has counted, so that the series
// leads up to the one that is scraped. Imported records do not count.
func outagesTotal(p past, s remembered) []series {
	if s.WatchedSince().IsZero() {
		return nil
	}
	var out []series
	for _, signal := range status.Signals {
		count := s.counts[signal]
		end := p.until
		var pieces []piece
		for _, o := range slices.Backward(s.Outages) {
			if o.Signal == signal && !o.Imported && count > 0 {
				pieces = append(pieces, piece{from: o.DetectedAt, to: end, value: constant(float64(count))})
				end = o.DetectedAt
				count--
			}
		}
		pieces = append(pieces, piece{from: s.WatchedSince(), to: end, value: constant(float64(count))})
		slices.Reverse(pieces)
		out = append(out, series{labels("signal", string(signal), "slug", s.slug), p.clip(pieces)})
	}
	return out
}
