package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/board"
	"github.com/downstatus/downstatus_exporter/internal/status"
)

// windowDays are the windows of an availability, in days.
var windowDays = [...]int{1, 7, 30, 90}

// asOf is how exact the end of the windows is, so that a client that asks again
// soon gets the same answer.
const asOf = 10 * time.Second

type availabilityAnswer struct {
	OK   bool         `json:"ok"`
	Data availability `json:"data"`
}

type availability struct {
	Slug    string   `json:"slug"`
	Windows []window `json:"windows"`
}

type window struct {
	Window   string  `json:"window"`
	From     instant `json:"from"`
	To       instant `json:"to"`
	Combined spent   `json:"combined"`
	Official spent   `json:"official"`
	Reports  spent   `json:"reports"`
}

type spent struct {
	Known        float64  `json:"known_seconds"`
	Operational  float64  `json:"operational_seconds"`
	Degraded     float64  `json:"degraded_seconds"`
	Down         float64  `json:"down_seconds"`
	Availability *float64 `json:"availability"` // null where nothing is known
}

// availabilityOf finds the slug in a path such as
// /api/x/services/acme/availability; false for another path.
func availabilityOf(path string) (slug string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/api/x/services/")
	if !ok {
		return "", false
	}
	slug, ok = strings.CutSuffix(rest, "/availability")
	return slug, ok
}

func (a *api) availability(snap *board.Snapshot, slug string) (any, *failure) {
	s := snap.Service(slug)
	if s == nil {
		return nil, &failure{http.StatusNotFound, "Service not found"}
	}
	out := availability{Slug: slug}
	to := a.Now().Truncate(asOf)
	for _, days := range windowDays {
		length := time.Duration(days) * 24 * time.Hour
		if snap.Retention > 0 {
			length = min(length, snap.Retention)
		}
		from := status.Earliest(status.Latest(to.Add(-length), s.History.WatchedSince()), to)
		out.Windows = append(out.Windows, window{
			Window: fmt.Sprintf("%dd", days), From: instant(from), To: instant(to),
			Combined: spend(s.History.Availability(status.BothSignals, from, to)),
			Official: spend(s.History.Availability(status.OfficialStatusPage, from, to)),
			Reports:  spend(s.History.Availability(status.UserReports, from, to)),
		})
	}
	return availabilityAnswer{true, out}, nil
}

func spend(a status.Availability) spent {
	s := spent{
		Known: a.Known().Seconds(), Operational: a.Operational.Seconds(),
		Degraded: a.Degraded.Seconds(), Down: a.Down.Seconds(),
	}
	if ratio, known := a.Ratio(); known {
		s.Availability = &ratio
	}
	return s
}
