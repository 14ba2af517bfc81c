package cachet

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/downstatus/downstatus_exporter/sources"
	"github.com/downstatus/downstatus_exporter/sources/fetch"
	"github.com/downstatus/downstatus_exporter/sources/internal/keep"
	"github.com/downstatus/downstatus_exporter/sources/internal/pages"
)

const (
	// Bounds on the pages of lists that are asked for, with 15 or 20 entries
	// each.
	maxSheets    = 20 // of what is wanted whole
	newestSheets = 3  // of what grows for ever

	groupsEvery = time.Hour
)

// source is one page of either version.
type source struct {
	keep.Follower
	sites [len(editions)]*site
	known *site // the one that answers, once that is known
	told  bool  // what a page does not offer is in the log
}

func open(t sources.Target, c *fetch.Client) sources.Source {
	s := &source{}
	for i, e := range editions {
		s.sites[i] = newSite(e, t.Page, c)
	}
	return s
}

// Poll asks for the status and then the lists of the version that gave it.
// Where one of them cannot be read, or the status is of no version, the others
// count if they tell of trouble.
func (s *source) Poll(ctx context.Context, now time.Time) (sources.Reading, error) {
	at, sys, doubt := s.status(ctx)
	if at == nil {
		return sources.Reading{}, doubt
	}
	a, notes, fault := at.lists(ctx, now)
	a.system = sys
	if s.told {
		notes = nil
	}
	read, err := pages.Doubted(sources.Reading{Page: derive(a, at.edition, at.home), Notes: notes}, cmp.Or(doubt, fault))
	if err != nil {
		return sources.Reading{}, err
	}
	s.told = true
	r := s.Follow(ctx, now, read.Page, nil)
	r.Notes = read.Notes
	return r, nil
}

// status asks the version that is known. When that answers with something else,
// the next poll looks again for the version: pages are upgraded in place.
func (s *source) status(ctx context.Context) (*site, *system, error) {
	if s.known == nil {
		return s.find(ctx)
	}
	sys, _, err := s.known.status.Get(ctx, s.known.client)
	if err == nil {
		return s.known, sys, nil
	}
	if answered(err) {
		s.known = nil
	}
	return nil, nil, err
}

// find asks one version after the other. Only a word of its own table tells
// that it is the one: with any other the first that answers comes beside a
// doubt.
func (s *source) find(ctx context.Context) (*site, *system, error) {
	var at *site
	var strange *system
	var refused error
	for _, site := range s.sites {
		sys, _, err := site.status.Get(ctx, site.client)
		if err == nil {
			if _, ok := site.edition.words[sys.Word]; ok {
				s.known = site
				return site, sys, nil
			}
			err = fetch.Shapef("%.40q is not a status of %s", sys.Word, site.edition.name)
			if at == nil {
				at, strange = site, sys
			}
		}
		if !answered(err) {
			return nil, nil, err
		}
		if refused == nil || fetch.ReasonOf(refused) == fetch.HTTP4xx {
			refused = err // a wrong answer tells more than none
		}
	}
	return at, strange, &fetch.Error{Reason: fetch.ReasonOf(refused), Err: fmt.Errorf("no version of Cachet answers: %w", refused)}
}

// answered reports whether an error is an answer that another version may not
// give, rather than none.
func answered(err error) bool {
	switch fetch.ReasonOf(err) {
	case fetch.HTTP4xx, fetch.ContentType, fetch.Decode, fetch.Shape:
		return true
	}
	return false
}

// site is a page as one version serves it.
type site struct {
	edition *edition
	client  *fetch.Client
	home    string
	status  *fetch.Document[*system]

	components, incidents, schedules, groups *list

	names     []record // the groups
	namesRead time.Time
}

func newSite(e *edition, page *url.URL, c *fetch.Client) *site {
	api := page.JoinPath(e.api)
	at := func(path string, queries ...string) *list {
		u := api.JoinPath(path)
		for _, q := range queries {
			u.RawQuery = join(u.RawQuery, q)
		}
		return &list{client: c, url: u, sheets: map[int]*fetch.Document[*sheet]{}}
	}
	return &site{
		edition:    e,
		client:     c,
		home:       page.String(),
		status:     &fetch.Document[*system]{URL: api.JoinPath("status").String(), Media: fetch.JSON, Decode: decodeSystem},
		components: at("components"),
		incidents:  at("incidents", e.embed),
		schedules:  at("schedules", e.embed, e.newest),
		groups:     at(e.groups, e.embed),
	}
}

// lists asks for all that a page is made of, but for its status. fault is the
// first of what should be there and cannot be read: that stays as it was.
func (s *site) lists(ctx context.Context, now time.Time) (a answers, notes []string, fault error) {
	a.components, fault = s.components.all(ctx)
	a.unread = fault != nil
	if fetch.ReasonOf(fault) == fetch.RateLimited {
		return a, nil, fault
	}
	for _, l := range [...]struct {
		name string
		list *list
		into *[]record
	}{{"incidents", s.incidents, &a.incidents}, {"schedules", s.schedules, &a.schedules}} {
		var err error
		*l.into, err = l.list.newest(ctx)
		if l.list.missing(err) {
			notes = append(notes, fmt.Sprintf("%s are not offered: %v", l.name, err))
		} else {
			fault = cmp.Or(fault, err)
		}
	}
	if err := s.readGroups(ctx, now); err != nil {
		notes = append(notes, fmt.Sprintf("groups: %v", err))
	}
	a.groups = s.names
	return a, notes, fault
}

// readGroups asks for the names of groups, which serve scopes alone, now and
// then. What fails is asked for again at the next poll.
func (s *site) readGroups(ctx context.Context, now time.Time) error {
	if age := now.Sub(s.namesRead); !s.namesRead.IsZero() && age >= 0 && age < groupsEvery {
		return nil
	}
	names, err := s.groups.all(ctx)
	if err == nil || s.groups.missing(err) {
		s.names, s.namesRead = names, now
	}
	return err
}

// list is a list that comes in sheets.
type list struct {
	client *fetch.Client
	url    *url.URL
	sheets map[int]*fetch.Document[*sheet]
	seen   bool     // it was read once
	last   []record // when it was
}

// missing reports whether an error says that this page has no such list. One
// that was read once is not missing, it is refused.
func (l *list) missing(err error) bool {
	return err != nil && !l.seen && fetch.ReasonOf(err) == fetch.HTTP4xx
}

// all reads the list from its start, as far as is sensible.
func (l *list) all(ctx context.Context) ([]record, error) {
	return l.read(ctx, func(*sheet) (from, to int) { return 2, maxSheets })
}

// newest reads the first sheets, which version 3 gives the newest entries, or
// the first and the last ones: version 2 has the oldest first, and tells how
// many there are.
func (l *list) newest(ctx context.Context) ([]record, error) {
	return l.read(ctx, func(first *sheet) (from, to int) {
		if first.last > newestSheets {
			return first.last - newestSheets + 2, first.last
		}
		return 2, newestSheets
	})
}

// read returns the list as it was beside an error.
func (l *list) read(ctx context.Context, which func(first *sheet) (from, to int)) ([]record, error) {
	s, err := l.sheet(ctx, 1)
	if err != nil {
		return l.last, err
	}
	records := s.records
	from, to := which(s)
	for n := from; n <= to && s.more; n++ {
		if s, err = l.sheet(ctx, n); err != nil {
			return l.last, err
		}
		records = append(records[:len(records):len(records)], s.records...)
	}
	l.seen, l.last = true, records
	return records, nil
}

func (l *list) sheet(ctx context.Context, n int) (*sheet, error) {
	if l.sheets[n] == nil {
		u := *l.url
		if n > 1 {
			u.RawQuery = join(u.RawQuery, "page="+strconv.Itoa(n))
		}
		l.sheets[n] = &fetch.Document[*sheet]{URL: u.String(), Media: fetch.JSON, Decode: decodeSheet}
	}
	s, _, err := l.sheets[n].Get(ctx, l.client)
	return s, err
}

func join(query, more string) string {
	if query == "" || more == "" {
		return query + more
	}
	return query + "&" + more
}
