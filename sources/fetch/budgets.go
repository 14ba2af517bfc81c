package fetch

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budgets keeps the clients of a program within what operators allow. It is
// safe for concurrent use.
type Budgets struct {
	mu    sync.Mutex
	hosts map[string]*rate.Limiter
	asked map[string]time.Time // by URL
	prune int                  // how many URLs make it worth forgetting old ones
}

// NewBudgets makes budgets that nobody has used yet.
func NewBudgets() *Budgets {
	return &Budgets{hosts: map[string]*rate.Limiter{}, asked: map[string]time.Time{}, prune: 1000}
}

// Asked tells when a URL was asked last, as after a restart.
func (b *Budgets) Asked(url string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note(url, at)
}

// note keeps the latest time. One in the future comes from a clock that was
// wrong, and must not stop the polls.
func (b *Budgets) note(url string, at time.Time) {
	now := time.Now()
	if at.After(now) {
		at = now
	}
	if at.After(b.asked[url]) {
		b.asked[url] = at
	}
	if len(b.asked) > b.prune {
		maps.DeleteFunc(b.asked, func(_ string, at time.Time) bool { return now.Sub(at) > time.Hour })
		b.prune = 1000 + 2*len(b.asked)
	}
}

// wait returns when u may be asked, or with the error of a context that ends
// earlier.
func (b *Budgets) wait(ctx context.Context, u *url.URL, budget Budget) error {
	gap := budget.SameURL
	if local(u.Hostname()) {
		gap = 0
	}
	for delay := b.take(u.String(), gap); delay > 0; delay = b.take(u.String(), gap) {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	limiter := b.limiter(strings.ToLower(u.Host), budget)
	if limiter == nil {
		return nil
	}
	if err := limiter.Wait(ctx); err != nil {
		// The limiter also refuses at once what the deadline leaves no room for.
		return cmp.Or(ctx.Err(), context.DeadlineExceeded)
	}
	b.Asked(u.String(), time.Now())
	return nil
}

// take notes that the URL is asked now, or tells how long it is too early.
func (b *Budgets) take(url string, gap time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if last, ok := b.asked[url]; ok && now.Sub(last) < gap {
		return gap - now.Sub(last)
	}
	b.note(url, now)
	return 0
}

// limiter is that of the host, or nil. Where budgets differ, the slowest holds
// for all.
func (b *Budgets) limiter(host string, budget Budget) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter := b.hosts[host]
	if budget.Every <= 0 {
		return limiter
	}
	every := rate.Every(budget.Every)
	if limiter == nil {
		limiter = rate.NewLimiter(every, max(budget.Burst, 1))
		b.hosts[host] = limiter
	}
	if every < limiter.Limit() {
		limiter.SetLimit(every)
		limiter.SetBurst(max(budget.Burst, 1))
	}
	return limiter
}
