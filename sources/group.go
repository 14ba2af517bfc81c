package sources

import (
	"context"
	"time"

	"github.com/downstatus/downstatus_exporter/sources/fetch"
)

// Member is a source within a group.
type Member struct {
	Key    string
	Source Source
}

// Group makes one source of several that read the same document with other
// options: each request goes out once for all of them. The first leads; what
// the others find is in Reading.Others.
func Group(members []Member) Source {
	if len(members) == 1 {
		return members[0].Source
	}
	return group(members)
}

type group []Member

// Poll polls every member, so that the fault of one spoils no other.
func (g group) Poll(ctx context.Context, now time.Time) (Reading, error) {
	ctx = fetch.Share(ctx)
	r, err := g[0].Source.Poll(ctx, now)
	for _, m := range g[1:] {
		other, err := m.Source.Poll(ctx, now)
		r.Others = append(r.Others, Other{Key: m.Key, Reading: other, Err: err})
	}
	return r, err
}
