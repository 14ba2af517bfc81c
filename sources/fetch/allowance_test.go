package fetch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAllowance(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/loop" {
			http.Redirect(w, r, "/loop", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `"`+strings.Repeat("x", 998)+`"`)
	}))
	defer server.Close()
	guard := NewGuard()
	guard.Allow("127.0.0.1")
	c, err := NewClient(Settings{Timeout: 5 * time.Second, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, test := range map[string]struct {
		path      string
		allowance Allowance
		good      int // how many requests succeed
		asked     int
	}{
		"requests":  {"/", Allowance{Requests: 3, Bytes: 1 << 20}, 3, 3},
		"redirects": {"/loop", Allowance{Requests: 6, Bytes: 1 << 20}, 0, 6},
		"bytes":     {"/", Allowance{Requests: 9, Bytes: 2500}, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			asked = 0
			ctx, a := Within(t.Context(), &test.allowance), &test.allowance
			good := 0
			for range 9 {
				if _, _, err := c.Get(ctx, server.URL+test.path, JSON); err == nil {
					good++
				}
			}
			if good != test.good || asked != test.asked || a.Requests < 0 || a.Bytes < 0 {
				t.Errorf("%d good of %d asked, left %+v", good, asked, *a)
			}
		})
	}
}
