package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// row is the figures of one detector. What it caught is in percent of the
// outages of which that many extra reports are expected.
type row struct {
	Detector    string  `json:"detector"`
	FalseAlarms float64 `json:"false_alarms_per_service_month"`
	Caught      float64 `json:"caught_all"`
	Caught10    float64 `json:"caught_10"`
	Caught30    float64 `json:"caught_30"`
	DelayP50    float64 `json:"delay_p50_minutes"`
	DelayP90    float64 `json:"delay_p90_minutes"`
	EndLagP50   float64 `json:"end_lag_p50_minutes"`
	Flaps       float64 `json:"flaps"`
	FirstDay    float64 `json:"first_day_false_alarms"`
	Bytes       uintptr `json:"bytes_per_service"`
	Nanoseconds float64 `json:"ns_per_update"`
}

func newRow(c contender, t *tally) row {
	const months = float64(run) / (30 * day)
	return row{
		Detector:    c.name,
		FalseAlarms: round(share(t.falseAlarms, t.services)/months, 2),
		Caught:      round(100*share(t.caught[0], t.outages[0]), 1),
		Caught10:    round(100*share(t.caught[1], t.outages[1]), 1),
		Caught30:    round(100*share(t.caught[2], t.outages[2]), 1),
		DelayP50:    quantile(t.delays, 0.5),
		DelayP90:    quantile(t.delays, 0.9),
		EndLagP50:   quantile(t.endLags, 0.5),
		Flaps:       round(share(t.flaps, t.caught[0]), 3),
		FirstDay:    round(share(t.firstDay, t.services), 3),
		Bytes:       c.bytes,
	}
}

func share(part, whole int) float64 { return float64(part) / float64(max(1, whole)) }

func round(x float64, digits int) float64 {
	unit := math.Pow10(digits)
	return math.Round(x*unit) / unit
}

// cost is the nanoseconds of one update on a service of 10 reports an hour, over
// its first days: the best of many short passes, because whatever else runs on
// the machine only ever slows one down.
func cost(c contender) float64 {
	w := newWorld(scenario{base: 10, amplitude: 0.8, dispersion: 1.5, drift: 0.2}, 1)
	polls := w.polls[:3*day]
	best := math.MaxFloat64
	for range 40 {
		d, start := c.make(), time.Now()
		for _, p := range polls {
			d.observe(p)
		}
		best = min(best, float64(time.Since(start).Nanoseconds())/float64(len(polls)))
	}
	return round(best, 0)
}

func writeJSON(out io.Writer, rows []row) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

func writeTable(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "detector\tfalse alarms\tcaught\tcaught\tcaught\tdelay\tend lag\tflaps\tfirst-day\tbytes\tns\t")
	fmt.Fprintln(w, "\ta month\tall %\tN>=10 %\tN>=30 %\tp50 / p90\tp50\t\tfalse alarms\ta service\tan update\t")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%.2f\t%.1f\t%.1f\t%.1f\t%.0f / %.0f\t%.0f\t%.3f\t%.3f\t%d\t%.0f\t\n", r.Detector, r.FalseAlarms,
			r.Caught, r.Caught10, r.Caught30, r.DelayP50, r.DelayP90, r.EndLagP50, r.Flaps, r.FirstDay, r.Bytes, r.Nanoseconds)
	}
	return w.Flush()
}
