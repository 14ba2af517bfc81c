package fetch

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts an upstream that lives as long as the test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// newClient makes a client that may ask this machine. Timeouts are long unless
// a test sets them.
func newClient(t *testing.T, s Settings) *Client {
	t.Helper()
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.Guard == nil {
		s.Guard = NewGuard()
		s.Guard.Allow("127.0.0.1")
		s.Guard.Allow("localhost")
	}
	c, err := NewClient(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

type thing struct{ Name string }

func decodeThing(body []byte) (thing, error) {
	var v thing
	if err := json.Unmarshal(body, &v); err != nil {
		return v, err
	}
	if v.Name == "" {
		return v, Shapef("a thing has no name")
	}
	return v, nil
}

func answerJSON(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(body))
}

// wantReason fails unless the error is an *Error of that reason which tells no
// secrets.
func wantReason(t *testing.T, err error, want Reason) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want reason %s", want)
	}
	if got := ReasonOf(err); got != want {
		t.Fatalf("reason %s, want %s: %v", got, want, err)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error tells a secret: %v", err)
	}
}

// get asks a server of the test for JSON.
func get(t *testing.T, c *Client, rawURL string) error {
	t.Helper()
	_, _, err := c.Get(context.Background(), rawURL, JSON)
	return err
}

// onLocalhost is the same server under its other name.
func onLocalhost(t *testing.T, s *httptest.Server) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://localhost:" + u.Port()
}
