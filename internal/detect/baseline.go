package detect

const week = 7 * day

// How fast what was learned is forgotten, per minute learned in the same place:
// a level lasts a week, an hour of the day two weeks, one of the week six.
const (
	keepLevel = 1 - 1.0/10080
	keepDay   = 1 - 1.0/840
	keepWeek  = 1 - 1.0/360
)

// leastRate is the lowest rate that is believed, in reports per hour.
const leastRate = 0.02

// Cell is a number of reports and the hours in which they came.
type Cell struct{ Reports, Hours float32 }

// Baseline is what is normal for a service: a level, the shape of its day and
// that of its week, each drawn towards the one before until it has data.
type Baseline struct {
	Reports, Hours float64 // the level
	Day            [24]Cell
	Week           [168]Cell
}

// begin sets the level from the 23 hours before the last one. Where those are
// not known, the last one is all there is to go by.
func (b *Baseline) begin(r1h, r24h float64) {
	if b.Reports, b.Hours = r24h-r1h, 23; r24h < r1h {
		b.Reports, b.Hours = r1h, 1
	}
}

// learn takes the reports of one calm minute.
func (b *Baseline) learn(minute int64, reports float64) {
	b.Reports = b.Reports*keepLevel + reports
	b.Hours = b.Hours*keepLevel + 1.0/hour
	b.Day[minute/hour%24].add(reports, keepDay)
	b.Week[minute/hour%168].add(reports, keepWeek)
}

func (c *Cell) add(reports, keep float64) {
	c.Reports = float32(float64(c.Reports)*keep + reports)
	c.Hours = float32(float64(c.Hours)*keep + 1.0/hour)
}

func (b *Baseline) level() float64 { return (b.Reports + 0.5) / (b.Hours + 0.001) }

// Rate is the expected number of reports per hour at a minute.
func (b *Baseline) Rate(minute int64) float64 { return b.rate(minute, b.level()) }

func (b *Baseline) rate(minute int64, level float64) float64 {
	const dayPrior, weekPrior = 2, 9 // hours
	sinceCentre := (minute + day - hour/2) % day
	h := sinceCentre / hour
	part := float64(sinceCentre%hour) / hour
	r := b.Day[h].rate(level, dayPrior)*(1-part) + b.Day[(h+1)%24].rate(level, dayPrior)*part
	return max(b.Week[minute/hour%168].rate(r, weekPrior), leastRate)
}

// rate is the reports per hour, of which some hours are taken to have been at an
// expected rate.
func (c *Cell) rate(expected, hours float64) float64 {
	return (float64(c.Reports) + hours*expected) / (float64(c.Hours) + hours)
}

// Expected is the number of reports expected in the w minutes up to a minute.
func (b *Baseline) Expected(end, w int64) float64 {
	level := b.level()
	if w < hour {
		return b.rate(end-w/2, level) * float64(w) / hour
	}
	sum := b.rate(end-w/6, level) + b.rate(end-w/2, level) + b.rate(end-w*5/6, level)
	return sum / 3 * float64(w) / hour
}

// Doubt is the relative variance of the rate at a minute: from few reports, and
// from an hour of the day not seen yet.
func (b *Baseline) Doubt(minute int64) float64 {
	c := b.Day[minute/hour%24]
	unseen := 1 - float64(c.Hours)/(float64(c.Hours)+2)
	return 1/(float64(c.Reports)+b.Reports/12+1) + 0.35*unseen*unseen
}

// mostReports is more than any feed brings in the memory of a baseline.
const mostReports = 1e12

// scale accepts a new level and keeps the shapes.
func (b *Baseline) scale(factor float64) {
	b.Reports = min(b.Reports*factor, mostReports)
	for i := range b.Day {
		b.Day[i].scale(factor)
	}
	for i := range b.Week {
		b.Week[i].scale(factor)
	}
}

func (c *Cell) scale(factor float64) {
	c.Reports = float32(min(float64(c.Reports)*factor, mostReports))
}
