package detect

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// stateVersion is the first byte of a saved state. A change of the structures
// below needs a new one, and a reader for the old: a month of learning is not to
// be lost by an upgrade.
const stateVersion = 1

// saved is a state as it is written: little endian, field by field.
type saved struct {
	Model   Model
	Episode episode
}

// MarshalBinary writes what the detector has learned and the outage it holds
// open, about 3.1 KB. The knobs are not part of it.
func (d *Detector) MarshalBinary() ([]byte, error) {
	return binary.Append([]byte{stateVersion}, binary.LittleEndian, &saved{d.model, d.episode})
}

// UnmarshalBinary restores what MarshalBinary wrote, and keeps the knobs. A
// state that no detector could have reached is an error and changes nothing.
func (d *Detector) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != stateVersion {
		return errors.New("detector state: of an unknown version")
	}
	var s saved
	if want := 1 + binary.Size(&s); len(b) != want {
		return fmt.Errorf("detector state: %d bytes, want %d", len(b), want)
	}
	if err := binary.Read(bytes.NewReader(b[1:]), binary.LittleEndian, &s); err != nil {
		return fmt.Errorf("detector state: %w", err)
	}
	if !s.Model.sound() || !s.Episode.sound() {
		return errors.New("detector state: values out of range")
	}
	d.model, d.episode = s.Model, s.Episode
	return nil
}

// within reports whether all values lie in a range; NaN lies in none.
func within[T float32 | float64 | int64](low, high T, values ...T) bool {
	for _, v := range values {
		if !(v >= low && v <= high) {
			return false
		}
	}
	return true
}

// latest is a minute after all that can be observed.
const latest = 1 << 40

func (m *Model) sound() bool {
	return within(0, latest, m.Since) && within(m.Since, latest, m.Last) &&
		m.Series.sound() && m.Baseline.sound() && m.Noise.sound()
}

func (s *Series) sound() bool {
	sum := 0.0
	for _, y := range s.Minutes {
		sum += y
	}
	slack := 1e-3 * (1 + s.Count) // far above what rounding adds up to
	return within(0, mostReports, s.Count) && within(0, mostReports, s.Minutes[:]...) &&
		within(s.Count-slack, s.Count+slack, sum) && within(0, mostReports, s.Hours[:]...)
}

func (b *Baseline) sound() bool {
	ok := within(0, mostReports, b.Reports, b.Hours)
	for i := range b.Day {
		ok = ok && within(0, mostReports, b.Day[i].Reports, b.Day[i].Hours)
	}
	for i := range b.Week {
		ok = ok && within(0, mostReports, b.Week[i].Reports, b.Week[i].Hours)
	}
	return ok
}

func (n *Noise) sound() bool {
	return within(0, 10, n.Dispersion) && within(-0.5, 1.5, n.Drift) && within(1, 500, n.DispersionWeight, n.DriftWeight)
}

func (e *episode) sound() bool {
	return within(1, mostMultiplier, e.Multiplier) && within(0, mostReports, e.Score, e.Best, e.Evidence, e.Peak) &&
		within(never, latest, e.Start, e.End, e.ClosedAt, e.Quiet) &&
		within(0, absorbAfter+hour, e.Unexplained) && (e.Open || !e.Down)
}
