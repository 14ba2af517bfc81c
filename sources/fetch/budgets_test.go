package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

// waited asks for one URL after the other and tells how many seconds after the
// start each was free to go.
func waited(t *testing.T, b *Budgets, budget Budget, urls ...string) []int {
	t.Helper()
	start := time.Now()
	var out []int
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.wait(t.Context(), u, budget); err != nil {
			t.Fatal(err)
		}
		out = append(out, int(time.Since(start)/time.Second))
	}
	return out
}

func TestBudgets(t *testing.T) {
	const a, b = "https://a.com/x", "https://b.com/x"
	minute := Budget{SameURL: time.Minute}
	for name, tc := range map[string]struct {
		budget Budget
		urls   []string
		want   []int
	}{
		"none":               {Budget{}, []string{a, a, a}, []int{0, 0, 0}},
		"rate":               {Budget{Every: 6 * time.Second}, []string{a, a, a + "2"}, []int{0, 6, 12}},
		"burst":              {Budget{Every: 6 * time.Second, Burst: 2}, []string{a, a, a, a}, []int{0, 0, 6, 12}},
		"hosts apart":        {Budget{Every: 6 * time.Second}, []string{a, b, a, "https://A.com/y"}, []int{0, 0, 6, 12}},
		"same URL":           {minute, []string{a, a + "2", b, a, a}, []int{0, 0, 0, 60, 120}},
		"both":               {Budget{Every: 40 * time.Second, SameURL: time.Minute}, []string{a, a + "2", a}, []int{0, 40, 80}},
		"loopback":           {minute, []string{"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"}, []int{0, 0}},
		"test names":         {minute, []string{"http://acme.test/", "http://acme.test/", "http://localhost/", "http://localhost/"}, []int{0, 0, 0, 0}},
		"rate on loopback":   {Budget{Every: time.Second}, []string{"http://[::1]/", "http://[::1]/"}, []int{0, 1}},
		"queries are others": {minute, []string{a + "?p=1", a + "?p=2", a + "?p=1"}, []int{0, 0, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := waited(t, NewBudgets(), tc.budget, tc.urls...); fmt.Sprint(got) != fmt.Sprint(tc.want) {
					t.Errorf("free after %v seconds, want %v", got, tc.want)
				}
			})
		})
	}
}

func TestBudgetsTheSlowestHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudgets()
		const a = "https://a.com/x"
		waited(t, b, Budget{Every: time.Second, Burst: 5}, a)
		waited(t, b, Budget{Every: 10 * time.Second}, a)
		if got := waited(t, b, Budget{}, a, a); got[1] != 20 {
			t.Errorf("free after %v seconds, want the second after 20", got)
		}
	})
}

func TestBudgetsAfterRestart(t *testing.T) {
	const a = "https://a.com/x"
	for ago, want := range map[time.Duration]int{
		20 * time.Second:  40,
		2 * time.Minute:   0,
		-10 * time.Minute: 60, // a clock was wrong
	} {
		synctest.Test(t, func(t *testing.T) {
			b := NewBudgets()
			b.Asked(a, time.Now().Add(-ago))
			b.Asked(a, time.Now().Add(-time.Hour)) // older news changes nothing
			if got := waited(t, b, Budget{SameURL: time.Minute}, a); got[0] != want {
				t.Errorf("asked %v ago: free after %v seconds, want %d", ago, got, want)
			}
		})
	}
}

func TestBudgetsHeedTheContext(t *testing.T) {
	u := &url.URL{Scheme: "https", Host: "a.com"}
	for name, budget := range map[string]Budget{
		"rate":     {Every: time.Minute},
		"same URL": {SameURL: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := NewBudgets()
				if err := b.wait(t.Context(), u, budget); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := b.wait(ctx, u, budget)
				wantReason(t, failure(ctx, u, err), Timeout)

				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(2*time.Second, stop)
				err = b.wait(ctx, u, budget)
				wantReason(t, failure(ctx, u, err), Canceled)
				// Who gave up leaves no trace.
				start := time.Now()
				if err := b.wait(t.Context(), u, budget); err != nil || time.Since(start) > time.Minute {
					t.Errorf("free after %v, %v", time.Since(start), err)
				}
			})
		})
	}
}

// Many sources on one URL at once still go one by one.
func TestBudgetsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudgets()
		u := &url.URL{Scheme: "https", Host: "a.com"}
		start := time.Now()
		free := make(chan time.Duration, 5)
		for range cap(free) {
			go func() {
				if err := b.wait(t.Context(), u, Budget{SameURL: time.Minute}); err == nil {
					free <- time.Since(start)
				}
			}()
		}
		for i := range cap(free) {
			if got, want := <-free, time.Duration(i)*time.Minute; got != want {
				t.Errorf("number %d is free after %v, want %v", i, got, want)
			}
		}
	})
}

func TestBudgetsForgetOldURLs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudgets()
		for i := range 10_000 {
			b.Asked(fmt.Sprintf("https://a.com/%d", i), time.Now())
			time.Sleep(10 * time.Second)
		}
		if n := len(b.asked); n > 3000 {
			t.Errorf("%d URLs are kept", n)
		}
	})
}

// The wait for a budget is not part of the request's own time.
func TestBudgetBeforeTimeout(t *testing.T) {
	c := newClient(t, Settings{Timeout: time.Nanosecond})
	ctx, cancel := context.WithCancel(context.Background())
	c.settings.Budgets.Asked("https://a.com", time.Now())
	time.AfterFunc(20*time.Millisecond, cancel)
	doc := Document[thing]{URL: "https://a.com", Budget: Budget{SameURL: time.Hour}, Decode: decodeThing}
	_, _, err := doc.Get(ctx, c)
	wantReason(t, err, Canceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
