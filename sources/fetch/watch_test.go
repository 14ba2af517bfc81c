package fetch

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"
)

func TestPacedAndWatched(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	guard := NewGuard()
	guard.Allow("127.0.0.1")
	client, err := NewClient(Settings{Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	pace := rate.NewLimiter(rate.Every(time.Hour), 2) // room for two requests
	var saw []int
	answers := 0
	ctx := Watched(t.Context(), func(*http.Response) { answers++ })
	ctx = Watched(Paced(ctx, pace), func(r *http.Response) { saw = append(saw, r.StatusCode) })
	if _, final, err := client.Get(ctx, server.URL+"/old", JSON); err != nil || final.Path != "/new" {
		t.Fatalf("%v, %v", final, err)
	}
	if diff := cmp.Diff([]int{301, 200}, saw); diff != "" || answers != 2 || pace.Tokens() >= 1 {
		t.Errorf("%v turns left, answers seen (-want +got):\n%s", pace.Tokens(), diff)
	}
}
