package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/downstatus/downstatus_exporter/alerts"
	"github.com/downstatus/downstatus_exporter/dashboards"
	"github.com/downstatus/downstatus_exporter/internal/config"
)

// Export says where files of the program are written.
type Export struct {
	Dir   string
	Force bool // overwrite files that hold something else
}

// ExportRules writes the alert rules. What it did is told line by line.
func ExportRules(w io.Writer, e Export, o alerts.Options) error {
	files, err := alerts.Rules(o)
	if err != nil {
		return err
	}
	return e.write(w, files)
}

// ExportDashboards writes the Grafana dashboards. What it did is told line by
// line.
func ExportDashboards(w io.Writer, e Export) error {
	files, err := dashboards.Files()
	if err != nil {
		return err
	}
	return e.write(w, files)
}

// ExportAlertmanager writes the sample configuration of Alertmanager. With a
// configuration of our own, it also prints and includes a rule for each of its
// services, which holds back alerts that depend on several vendors.
func ExportAlertmanager(w, told io.Writer, e Export, perVendor *config.Config) error {
	var slugs []string
	if perVendor != nil {
		plan, err := perVendor.Plan()
		if err != nil {
			return err
		}
		for _, s := range plan.Services {
			slugs = append(slugs, s.Slug)
		}
		if len(slugs) == 0 {
			return errors.New("the configuration names no services: there is no vendor to write inhibition rules for; name them under services, or under catalog")
		}
	}
	if err := e.write(told, alerts.Alertmanager(slugs)); err != nil || perVendor == nil {
		return err
	}
	_, err := io.WriteString(w, "inhibit_rules:\n"+alerts.InhibitPerVendor(slugs))
	return err
}

// write writes all files or, where one of them would be lost, none.
func (e Export) write(told io.Writer, files map[string][]byte) error {
	names := slices.Sorted(maps.Keys(files))
	var lost []string
	for _, name := range names {
		have, err := os.ReadFile(filepath.Join(e.Dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !bytes.Equal(have, files[name]):
			lost = append(lost, filepath.Join(e.Dir, name))
		}
	}
	if len(lost) > 0 && !e.Force {
		return fmt.Errorf("nothing was written: %s would be overwritten with other content; move it away, choose another folder, or use --force", strings.Join(lost, ", "))
	}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(e.Dir, name)), 0o755); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(e.Dir, name), func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		}); err != nil {
			return err
		}
		fmt.Fprintf(told, "wrote %s\n", filepath.Join(e.Dir, name))
	}
	return nil
}
