//go:build e2e && linux

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a server of the test.
type process struct {
	t    *testing.T
	name string
	bin  string
	args []string
	log  string // file
	cmd  *exec.Cmd
}

// start runs a server until the test ends. Its log is shown if the test fails.
func start(t *testing.T, name, bin string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, bin: bin, args: args, log: filepath.Join(t.TempDir(), name+".log")}
	p.run()
	t.Cleanup(func() {
		p.kill()
		if text, err := os.ReadFile(p.log); t.Failed() && err == nil {
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			t.Logf("the end of the log of %s:\n%s", name, strings.Join(lines[max(0, len(lines)-25):], "\n"))
		}
	})
	return p
}

func (p *process) run() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(p.bin, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()
}

// installed finds a server by one of its names.
func installed(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const text = "%s is not installed: try apt-get install prometheus prometheus-alertmanager"
	if os.Getenv("E2E_REQUIRED") != "" {
		t.Fatalf(text, names[0])
	}
	t.Skipf(text, names[0])
	return ""
}

// port is free at the moment.
func port(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// steps logs when each step was reached, and ends the test at the first one
// that is late.
type steps struct {
	t     *testing.T
	began time.Time
}

// await asks until there is no fault any more.
func (s *steps) await(what string, within time.Duration, fault func() error) {
	s.t.Helper()
	for late := time.Now().Add(within); ; {
		err := fault()
		if err == nil {
			s.done(what)
			return
		}
		if time.Now().After(late) {
			s.t.Fatalf("%5.1f s: not within %s: %s: %v", time.Since(s.began).Seconds(), within, what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *steps) done(what string) {
	s.t.Helper()
	s.t.Logf("%5.1f s: %s", time.Since(s.began).Seconds(), what)
}

// ready asks a server's own path.
func ready(address string) error {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get("http://" + address + "/-/ready")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return nil
}
