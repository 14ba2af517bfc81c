package detect

import "math"

// windows are the lengths of time looked at, in minutes: how much of each must
// have been polled, and what is added to its score. Long windows ask for less
// evidence, because there are fewer independent ones in a month.
var windows = [...]struct {
	minutes, polled int64
	bonus           float64
}{
	{5, 5, 0},
	{15, 15, 0},
	{60, 0, 3},
	{180, 120, 3},
}

// evidence is the strongest that any window has.
type evidence struct {
	score   float64 // nats
	minutes int64   // length of that window
	surge   bool    // enough for down
}

// scan looks at every window that lies wholly after the last outage.
func (d *Detector) scan(now int64, ctx Context) evidence {
	best := evidence{}
	surge := 1.5 * d.threshold(ctx)
	for _, w := range windows {
		if now-d.model.Since < w.polled || now-w.minutes < d.episode.ClosedAt {
			continue
		}
		y := d.model.sum(w.minutes)
		score, ratio := d.weigh(w.minutes, y)
		if score > 0 && score+w.bonus > best.score {
			best.score, best.minutes = score+w.bonus, w.minutes
		}
		// Down takes half as much again, and no multiplier: what once was weak
		// makes an outage harder to open, not less severe.
		if w.minutes == 15 || w.minutes == 60 {
			best.surge = best.surge || y >= 12 && ratio >= 5 && score+w.bonus >= surge
		}
	}
	return best
}

// weigh is the score of a window without its bonus, and its ratio to what is
// expected; 0 for one that cannot open an outage.
func (d *Detector) weigh(minutes int64, y float64) (score, ratio float64) {
	if y < max(d.Config.MinReports, 1) {
		return 0, 0
	}
	mu := d.model.Expected(d.model.Last, minutes)
	if y < d.Config.MinRatio*mu {
		return 0, 0
	}
	doubt := d.model.Doubt(d.model.Last - minutes/2)
	return Divergence(y, mu, d.model.InverseSize(mu, doubt)), y / mu
}

// Divergence is the likelihood ratio, in nats, of a negative binomial count y
// with mean y against one with mean mu, both of size k = 1/inverseSize.
func Divergence(y, mu, inverseSize float64) float64 {
	k := 1 / inverseSize
	return y*math.Log(y/mu) - (y+k)*math.Log((y+k)/(mu+k))
}
