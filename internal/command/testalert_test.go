package command

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/downstatus/downstatus_exporter/internal/config"
	_ "github.com/downstatus/downstatus_exporter/sources/statuspage"
)

// inbox is an Alertmanager that answers with a code.
func inbox(t *testing.T, code int) (address string, bodies func() []string) {
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		got = append(got, string(b))
		mu.Unlock()
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return got
	}
}

func TestTestAlert(t *testing.T) {
	good, bodies := inbox(t, 200)
	bad, _ := inbox(t, 401)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	const services = "feeds: []\nservices: [{slug: acme, name: Acme, labels: {team: web}, official: {engine: statuspage, url: \"https://status.acme.test\"}}]\n"
	to := func(targets ...string) string {
		return services + fmt.Sprintf("alertmanager: {static_configs: [{targets: [\"%s\"]}], match: {labels: {team: web}}}\n", strings.Join(targets, `", "`))
	}
	for _, tc := range []struct {
		name, config, slug string
		prints, fault      []string
		posts              int // that the good one got
	}{
		{"well", to(good), "acme", []string{good + ": firing: taken\n", good + ": resolved: taken\n"}, nil, 2},
		{"no slug", to(good), "", []string{good + ": resolved: taken\n"}, nil, 2},
		{"of the catalog", to(good), "github", []string{"match leaves github out", good + ": resolved: taken\n"}, nil, 2},
		{
			"two others fail", to(good, bad, gone.Addr().String()), "acme",
			[]string{good + ": resolved: taken\n", bad + ": firing: not taken\n", gone.Addr().String() + ": firing: not taken\n"},
			[]string{bad + ": firing: answers 401 Unauthorized", gone.Addr().String() + ": firing: connection refused"}, 2,
		},
		{"nobody takes it", to(bad), "acme", []string{bad + ": firing: not taken\n"}, []string{"401"}, 0},
		{"no such service", to(good), "acmee", nil, []string{"--slug=acmee", "neither the configuration nor the catalog"}, 0},
		{"no bridge", services, "acme", nil, []string{"no section alertmanager", "static_configs"}, 0},
		{
			"nobody found", services + "alertmanager: {file_sd_configs: [{files: [nothing.yml]}]}\n", "acme",
			nil, []string{"no Alertmanager is found"}, 0,
		},
	} {
		cfg, err := config.Parse("test", []byte(tc.config))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		before := len(bodies())
		var out strings.Builder
		err = testAlert(t.Context(), &out, cfg, tc.slug, 0)
		for _, part := range tc.prints {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s: printed no %q:\n%s", tc.name, part, &out)
			}
		}
		for _, part := range tc.fault {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: no %q in the error %v", tc.name, part, err)
			}
		}
		if err != nil && tc.fault == nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if n := len(bodies()) - before; n != tc.posts {
			t.Errorf("%s: %d posts, want %d", tc.name, n, tc.posts)
		}
	}
}
