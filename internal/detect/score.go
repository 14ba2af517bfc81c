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
func (d *Detector) scan(now int64) evidence {
	best := evidence{}
	for _, w := range windows {
		if now-d.model.Since < w.polled || now-w.minutes < d.episode.ClosedAt {
			continue
		}
		d.weigh(w.minutes, w.bonus, &best)
	}
	d.episode.Score = best.score
	return best
}

// weigh adds the evidence of one window.
func (d *Detector) weigh(minutes int64, bonus float64, best *evidence) {
	if d.model.Sum(min(minutes, hour)) == 0 {
		return // nothing new came in: the cheap way out of most calm minutes
	}
	w := d.model.window(minutes)
	if w.y < d.Config.MinReports || w.y < d.Config.MinRatio*w.mu {
		return
	}
	score := Divergence(w.y, w.mu, w.inverseSize) + bonus
	if score > best.score {
		best.score, best.minutes = score, minutes
	}
	if minutes == 15 || minutes == 60 {
		best.surge = best.surge || w.y >= 12 && w.y >= 5*w.mu && score >= 1.5*d.Config.Threshold
	}
}

// Divergence is the likelihood ratio, in nats, of a negative binomial count y
// with mean y against one with mean mu, both of size k = 1/inverseSize.
func Divergence(y, mu, inverseSize float64) float64 {
	k := 1 / inverseSize
	return y*math.Log(y/mu) - (y+k)*math.Log((y+k)/(mu+k))
}
