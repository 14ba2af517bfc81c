package detect

// Spans of memory, in minutes.
const (
	hour = 60
	past = 4 * hour
	day  = 24 * hour
)

// Series takes a rolling count of the last hour apart into the reports of each
// minute. The minutes always sum to the newest count: a series that forgot what
// it once cut off would drift away from it for good.
type Series struct {
	Since   int64         // first observation of the unbroken run, a minute
	Last    int64         // newest observation, a minute
	Count   float64       // reports of the last hour at Last
	Minutes [hour]float64 // reports of a minute, by minute modulo 60
	Hours   [past]float32 // reports of the hour up to a minute, by minute modulo 240
}

// restart begins a run in which nothing is known but one hour's sum.
func (s *Series) restart(now int64, count float64) {
	s.Since, s.Last, s.Count = now, now, count
	for i := range s.Minutes {
		s.Minutes[i] = count / hour
	}
	s.Hours[now%past] = float32(count)
}

// advance takes a new count less than an hour after the last one and returns
// the reports that came in between. Missed minutes share them evenly.
func (s *Series) advance(now int64, count float64) (fresh float64) {
	g := now - s.Last
	fresh = count - s.Count
	for t := s.Last + 1; t <= now; t++ {
		fresh += s.Minutes[t%hour]
	}
	if fresh < 0 {
		s.takeBack(s.Last, hour-g, -fresh)
		fresh = 0
	}
	for i := int64(1); i <= g; i++ {
		s.Minutes[(s.Last+i)%hour] = fresh / float64(g)
		s.Hours[(s.Last+i)%past] = float32(s.Count + (count-s.Count)*float64(i)/float64(g))
	}
	s.Last, s.Count = now, count
	return fresh
}

// takeBack lowers the newest of n minutes up to a minute by what they counted
// too much.
func (s *Series) takeBack(newest, n int64, excess float64) {
	for t := newest; t > newest-n && excess > 0; t-- {
		m := &s.Minutes[(t+hour)%hour]
		cut := min(*m, excess)
		*m -= cut
		excess -= cut
	}
}

// Sum is the reports of the newest w minutes, up to an hour.
func (s *Series) Sum(w int64) float64 {
	if w == hour {
		return s.Count
	}
	return s.between(s.Last-w, s.Last)
}

// between is the reports of the minutes after one and up to another, both within
// the last hour.
func (s *Series) between(after, upTo int64) float64 {
	sum := 0.0
	i := upTo % hour
	for range upTo - after {
		sum += s.Minutes[i]
		if i--; i < 0 {
			i = hour - 1
		}
	}
	return sum
}

// hourAt is the reports of the hour up to a minute, and whether the run knows it.
func (s *Series) hourAt(minute int64) (float64, bool) {
	return float64(s.Hours[(minute+past)%past]), minute >= s.Since && minute > s.Last-past
}
