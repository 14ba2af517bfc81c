package main

import (
	"math"

	"github.com/downstatus/downstatus_exporter/internal/detect"
)

// The rivals are the usual ways to find an outage in report counts. What their
// descriptions leave open is chosen so that they do well: most stay open down to
// half of what opens them, and none learns while it holds an outage open.

// keep is the part of its threshold that a rival asks for to stay open.
func keep(open bool) float64 {
	if open {
		return 0.5
	}
	return 1
}

// dayMean is the reports per hour of the day before the last hour.
func dayMean(p poll) float64 { return float64(p.r24h-p.r1h) / 23 }

// ratio is the home-made rule: the last hour against the mean of the day.
type ratio struct {
	factor, least float64
	open          bool
}

func (d *ratio) observe(p poll) bool {
	y := float64(p.r1h)
	d.open = y >= keep(d.open)*max(d.least, d.factor*dayMean(p))
	return d.open
}

// todMean is the rule of the market: the last hour against the mean for this
// hour of the day. Two hours' worth of the day's mean stand in at first.
type todMean struct {
	factor, least float64
	sum, n        [24]float64
	open          bool
}

func (d *todMean) observe(p poll) bool {
	const prior = 2 * hour
	y, h := float64(p.r1h), (p.updated+day)/hour%24
	mean := (d.sum[h] + prior*dayMean(p)) / (d.n[h] + prior)
	d.open = y >= keep(d.open)*max(d.least, d.factor*mean)
	if !d.open {
		d.sum[h] += y
		d.n[h]++
	}
	return d.open
}

// ewma is a z-score of the last hour against an exponentially weighted mean.
type ewma struct {
	k              float64
	mean, variance float64
	begun, open    bool
}

func (d *ewma) observe(p poll) bool {
	const weight, least = 1.0 / (20 * hour), 5
	y := float64(p.r1h)
	if !d.begun {
		d.begun, d.mean, d.variance = true, dayMean(p), dayMean(p)
	}
	deviation := math.Sqrt(max(d.variance, d.mean, 1))
	d.open = y-d.mean >= keep(d.open)*d.k*deviation && (d.open || y >= least)
	if !d.open {
		diff := y - d.mean
		d.mean += weight * diff
		d.variance = (1 - weight) * (d.variance + weight*diff*diff)
	}
	return d.open
}

// earsC2 is method C2 of the CDC's early aberration reporting system, on hours
// in place of days: the last hour against the mean and the deviation of seven to
// fourteen earlier ones, which end two hours ago. It closes where it opens, as
// the method has it: half of that would flap less and catch no more.
type earsC2 struct {
	k     float64
	hours [16 * hour]float32 // the last hour's reports, by observation
	n     int
	open  bool
}

func (d *earsC2) observe(p poll) bool {
	const least = 5
	if !d.open {
		d.hours[d.n%len(d.hours)] = float32(p.r1h)
		d.n++
	}
	mean, variance, known := d.baseline()
	y := float64(p.r1h)
	d.open = known && y >= least && y-mean >= d.k*math.Sqrt(max(variance, mean, 1))
	return d.open
}

// baseline samples the earlier hours every ten minutes.
func (d *earsC2) baseline() (mean, variance float64, known bool) {
	const guard, fewest, most, step = 2 * hour, 7 * hour, 14 * hour, 10
	span := min(d.n-guard, most)
	if span < fewest {
		return 0, 0, false
	}
	sum, squares, n := 0.0, 0.0, 0.0
	for back := guard; back < guard+span; back += step {
		v := float64(d.hours[(d.n-1-back)%len(d.hours)])
		sum += v
		squares += v * v
		n++
	}
	mean = sum / n
	return mean, (squares - sum*mean) / (n - 1), true
}

// nbCUSUM adds up the likelihood ratio of three times the expected rate, minute
// by minute, on the model of our detector and with its way of closing.
type nbCUSUM struct {
	h        float64
	model    detect.Model
	closing  detect.Closing
	sum      float64
	open     bool
	closedAt int64
}

func (d *nbCUSUM) observe(p poll) bool {
	now := detect.Minute(epoch) + int64(p.updated)
	learnFrom := d.closedAt + 151
	if d.open {
		learnFrom = math.MaxInt64
	}
	s := d.model.Take(now, float64(p.r1h), float64(p.r24h), learnFrom)
	if d.open {
		d.follow(now, s)
		return d.open
	}
	d.sum = max(0, d.sum+d.gain(now, s))
	if d.sum >= d.h {
		d.open = true
		d.closing = detect.Closing{Quiet: now, Peak: d.model.Sum(15) / 15}
	}
	return d.open
}

// gain is the likelihood ratio of one step. What makes a whole hour differ from
// its expectation is the same in all its minutes: taken for independent, it would
// be counted too often, so that a minute gets thirty times its variance.
func (d *nbCUSUM) gain(now int64, s detect.Step) float64 {
	const raise, shared = 3, 30
	m := &d.model
	mu := m.Expected(now, s.Minutes)
	clusters := (max(m.Dispersion, 1.05) - 1) / mu
	k := 1 / (clusters + shared*(m.InverseSize(mu, m.Doubt(now))-clusters))
	return s.Reports*math.Log(raise) + (s.Reports+k)*math.Log((mu+k)/(raise*mu+k))
}

func (d *nbCUSUM) follow(now int64, s detect.Step) {
	if s.Anew {
		d.closing.Reset(now - hour)
	}
	d.closing.Add(&d.model, s)
	if d.closing.Over(now, 5) {
		d.open, d.sum, d.closedAt = false, 0, now
	}
}
