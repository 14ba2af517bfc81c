package cstate

import (
	"strings"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/status"
	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// decodeHistory reads the list of all issues, and returns those that are more
// than a notice. It is made by another template than the index, but of the same
// issues.
func decodeHistory(body []byte) ([]status.Incident, error) {
	var doc struct {
		Pages sources.List[issue] `json:"pages"`
	}
	if err := sources.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	if doc.Pages == nil {
		return nil, fetch.Shapef("no list of pages: not the issues of cState")
	}
	var out []status.Incident
	for _, i := range doc.Pages {
		impact, known := severities[i.Severity]
		if !known {
			continue
		}
		in := status.Incident{
			ID: i.id(), Title: i.Title.Text(), URL: sources.Link(string(i.Permalink)),
			Impact: impact, Over: bool(i.Resolved), Components: i.refs(""),
		}
		in.Started, _ = instant(i.Created)
		if in.Over {
			in.Resolved = i.end(in.Started)
		}
		out = append(out, in)
	}
	return out, nil
}

// end is when an issue was resolved. A time without an offset was written beside
// the start, and is in the same zone; back-filled issues last no time.
func (i issue) end(started time.Time) time.Time {
	if i.ResolvedAt == "<no value>" {
		return time.Time{}
	}
	t, ok := instant(i.ResolvedAt)
	if fields := strings.Fields(string(i.Created)); !ok && len(fields) > 2 {
		t, ok = instant(i.ResolvedAt + " " + sources.Str(fields[2]))
	}
	if !ok || t.IsZero() {
		return time.Time{}
	}
	return status.Latest(t, started)
}
