package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// day is how far the drawings look back.
const day = 24 * time.Hour

// strip is a day of one signal's condition, drawn a minute wide a minute.
type strip struct {
	Name  string
	Text  string // for those who do not see it
	Spans []span
}

type span struct {
	From, Width float64 // minutes since the left edge
	Word, Text  string
}

func strips(v *board.Service, now time.Time) []strip {
	out := []strip{newStrip(v, "Combined", status.BothSignals, now)}
	if v.HasOfficial {
		out = append(out, newStrip(v, "Official page", status.OfficialStatusPage, now))
	}
	if v.HasReports {
		out = append(out, newStrip(v, "Users", status.UserReports, now))
	}
	return out
}

func newStrip(v *board.Service, name string, signal status.Signal, now time.Time) strip {
	s := strip{Name: name}
	from := now.Add(-day)
	spent := map[status.Status]time.Duration{}
	for _, t := range v.History.Timeline(signal, from, now) {
		spent[t.Status] += t.To.Sub(t.From)
		s.Spans = append(s.Spans, span{
			From: t.From.Sub(from).Minutes(), Width: t.To.Sub(t.From).Minutes(), Word: t.Status.String(),
			Text: fmt.Sprintf("%s from %s to %s", t.Status, utc(t.From), utc(t.To)),
		})
	}
	var parts []string
	for _, st := range [...]status.Status{status.Down, status.Degraded, status.Unknown, status.Operational} {
		if spent[st] > 0 {
			parts = append(parts, length(spent[st])+" "+st.String())
		}
	}
	s.Text = name + " in the last 24 hours: " + strings.Join(parts, ", ")
	return s
}

// sparkline draws the reports of an hour over a day, a unit wide a slot.
type sparkline struct {
	Width  int
	Height int
	Path   string // of SVG
	Most   int
	Text   string
}

// sparkHeight is in the units of the drawing.
const sparkHeight = 40

// newSparkline leaves a gap where nothing was counted; nil if nothing was.
func newSparkline(c *board.Counts, now time.Time) *sparkline {
	if c == nil {
		return nil
	}
	late := int(now.Unix()/int64(board.CountsSlot/time.Second) - c.Last) // slots since the newest count
	size := len(c.Slots)
	s := &sparkline{Width: size, Height: sparkHeight}
	known := 0
	for back := range size {
		if n, ok := c.At(back); ok && back+max(late, 0) < size {
			s.Most = max(s.Most, n)
			known++
		}
	}
	if known == 0 {
		return nil
	}
	s.Path = trace(c, max(late, 0), float64(max(s.Most, 1)))
	s.Text = fmt.Sprintf("Reports in one hour over the last 24 hours: at most %d", s.Most)
	return s
}

func trace(c *board.Counts, late int, most float64) string {
	var b strings.Builder
	pen := "M"
	for x := range len(c.Slots) {
		n, known := c.At(len(c.Slots) - 1 - x - late)
		if len(c.Slots)-1-x < late || !known {
			pen = "M"
			continue
		}
		y := float64(sparkHeight) * (1 - float64(n)/most)
		fmt.Fprintf(&b, "%s%d %.1f", pen, x, y)
		if pen == "M" {
			fmt.Fprintf(&b, "h0.5") // one count by itself is seen too
		}
		pen = "L"
	}
	return b.String()
}
