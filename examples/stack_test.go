//go:build e2e && linux

package examples_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStack runs the files of the Compose stack as plain processes: only
// addresses and folders are other ones, as they are outside of containers, and
// intervals shorter. What Prometheus scrapes of the demo becomes a notification.
func TestStack(t *testing.T) {
	prometheus := installed(t, "prometheus")
	alertmanager := installed(t, "prometheus-alertmanager", "alertmanager")
	webhook, heard := sink(t)
	at := map[string]string{"exporter:10980": free(t), "localhost:9090": free(t), "alertmanager:9093": free(t), "grafana:3000": free(t)}
	s := compose(t)

	var demo stack
	parse(t, "compose/demo.yml", &demo)
	start(t, "exporter", program(t), append(demo.Services["exporter"].Command, "--web.listen-address="+at["exporter:10980"])...)
	c := s.Services["alertmanager"]
	start(t, "alertmanager", alertmanager, append(moved(t, c, "/alertmanager", "127.0.0.1:5001", webhook), "--web.listen-address="+at["alertmanager:9093"])...)
	replace := []string{"scrape_interval: 15s", "scrape_interval: 1s", "evaluation_interval: 15s", "evaluation_interval: 1s"}
	for name, address := range at {
		replace = append(replace, name, address)
	}
	// What fires before Alertmanager is found is sent again at once, not in a minute.
	faster := []string{"--web.listen-address=" + at["localhost:9090"], "--rules.alert.resend-delay=1s"}
	start(t, "prometheus", prometheus, append(moved(t, s.Services["prometheus"], "/prometheus", replace...), faster...)...)

	query := func(q string) func() error {
		return func() error { return answers(at["localhost:9090"], q) }
	}
	await(t, "the exporter is scraped", query(`up{job="downstatus"} == 1`))
	await(t, "so are Prometheus and Alertmanager", query(`count(up{job=~"prometheus|alertmanager"} == 1) == 2`))
	await(t, "recording rules have values", query(`count(slug:downstatus_service_severity:max) >= 24`))
	await(t, "a vendor is down", query(`ALERTS{alertname="DownstatusVendorDown", slug="docker"}`))
	select {
	case path := <-heard:
		if path != "/watchdog" {
			t.Errorf("the first notification is to %s", path)
		}
	case <-time.After(30 * time.Second):
		t.Error("no notification within 30 s")
	}
}

// moved are a container's arguments outside of it: its configuration is a copy
// beside everything else that is mounted with it, with pairs of texts replaced,
// and its data is in a folder of the test.
func moved(t *testing.T, c container, data string, pairs ...string) []string {
	t.Helper()
	dir := t.TempDir()
	inside := flagValue(t, c.Command, "--config.file")
	file := c.source(t, inside)
	text := string(read(t, file))
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %s", file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	for _, m := range c.mounts(t) {
		if rest, ok := strings.CutPrefix(m.target, filepath.Dir(inside)); ok && strings.HasPrefix(m.source, ".") {
			copyAll(t, filepath.Join("compose", m.source), filepath.Join(dir, rest))
		}
	}
	write(t, filepath.Join(dir, filepath.Base(inside)), []byte(text))
	var out []string
	for _, a := range c.Command {
		a = strings.ReplaceAll(a, inside, filepath.Join(dir, filepath.Base(inside)))
		if value, ok := strings.CutSuffix(a, "="+data); ok {
			a = value + "=" + t.TempDir()
		}
		out = append(out, a)
	}
	return out
}

// copyAll copies a file or folder.
func copyAll(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	if !info.IsDir() {
		write(t, to, read(t, from))
	} else if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestWebhook: the script that prints notifications prints one.
func TestWebhook(t *testing.T) {
	python := installed(t, "python3")
	address := free(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "webhook.py")
	write(t, script, []byte(strings.ReplaceAll(string(read(t, "compose/webhook.py")), "5001", port)))
	log := start(t, "webhook", python, script)
	await(t, "it prints", func() error {
		for _, path := range []string{"/watchdog", "/"} {
			const body = `{"alerts":[{"status":"firing","labels":{"alertname":"Told"},"annotations":{"description":"Acme is down.","board_url":"http://board/acme"}}]}`
			resp, err := http.Post("http://"+address+path, "application/json", strings.NewReader(body))
			if err != nil {
				return err
			}
			resp.Body.Close()
		}
		text, err := os.ReadFile(log)
		if want := "firing Told Acme is down. http://board/acme\n"; err == nil && string(text) != want {
			err = fmt.Errorf("got %q, want %q", text, want)
		}
		return err
	})
}

// TestProbes runs what the manifests run, but for paths and the port: the probes
// say yes, and of a program that is gone, no.
func TestProbes(t *testing.T) {
	each(t, func(t *testing.T, _ map[string]manifest, workload manifest) {
		c := workload.Spec.Template.Spec.Containers[0]
		bin, address := program(t), free(t)
		local := strings.NewReplacer("127.0.0.1:"+c.Ports[0].ContainerPort, address)
		probe := func(command []string) error {
			out, err := exec.Command(bin, strings.Fields(local.Replace(strings.Join(command[1:], " ")))...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
		if probe(c.ReadinessProbe.Exec.Command) == nil || probe(c.LivenessProbe.Exec.Command) == nil {
			t.Error("a probe is content with nothing")
		}
		start(t, "exporter", bin, "--demo", "--web.listen-address="+address)
		await(t, "alive", func() error { return probe(c.LivenessProbe.Exec.Command) })
		await(t, "ready", func() error { return probe(c.ReadinessProbe.Exec.Command) })
	})
}

// program is the exporter: one that is built already, or built here.
func program(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("E2E_EXPORTER"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "downstatus_exporter")
	if out, err := exec.Command("go", "build", "-o", bin, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// installed finds a program by one of its names.
func installed(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("E2E_REQUIRED") == "1" {
		t.Fatalf("%s is not installed", names[0])
	}
	t.Skipf("%s is not installed", names[0])
	return ""
}

// free is an address at which nobody listens at the moment.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a process until the test ends, and returns the file of what it
// prints, which is shown if the test fails.
func start(t *testing.T, name, bin string, args ...string) string {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(bin, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
		if text, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("%s %q:\n%s", name, args, text[max(0, len(text)-4000):])
		}
	})
	return log.Name()
}

// sink takes notifications and tells of the path of each.
func sink(t *testing.T) (address string, paths <-chan string) {
	t.Helper()
	heard := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard <- r.URL.Path }))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), heard
}

// await asks until there is no fault any more.
func await(t *testing.T, what string, fault func() error) {
	t.Helper()
	const within = 40 * time.Second
	for late := time.Now().Add(within); ; {
		err := fault()
		if err == nil {
			t.Log(what)
			return
		}
		if time.Now().After(late) {
			t.Fatalf("not within %s: %s: %v", within, what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// answers wants a result of a query.
func answers(prometheus, query string) error {
	resp, err := http.Get("http://" + prometheus + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var body struct {
		Data struct{ Result []any }
	}
	if err := json.Unmarshal(text, &body); err != nil || len(body.Data.Result) == 0 {
		return fmt.Errorf("%s, %v", text, err)
	}
	return nil
}
