package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSharedHistory(t *testing.T) {
	const dsn = "postgres://bob:hunter2@db.acme.test/outages"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"history: {retention: 30d, dsn: " + dsn + "}": dsn,
		"history: {retention: 30d, dsn_file: dsn}":    dsn, // beside the configuration
		"history: {retention: 30d, dsn: \"\"}":        "",
		"history: {retention: 30d}":                   "",
	} {
		cfg, err := Parse(filepath.Join(dir, "f.yml"), []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		plan, err := cfg.Plan()
		if err != nil || plan.DSN != want || cfg.DSN() != want || plan.Retention != 30*24*time.Hour {
			t.Errorf("%s: dsn %q, %v", text, plan.DSN, err)
		}
		if shown := string(cfg.Redacted()); strings.Contains(shown, "hunter2") || strings.Contains(shown, "db.acme.test") {
			t.Errorf("the address is shown: %s", shown)
		}
	}
}
