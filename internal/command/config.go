// Package command holds the commands beside run: each takes what its flags
// say, writes to the given writer, and returns an error for the exit code.
package command

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/downstatus/downstatus_exporter/internal/config"
)

// CheckConfig prints what a configuration amounts to. Its error holds every
// fault with its line.
func CheckConfig(w io.Writer, file string) error {
	c, err := config.Load(file)
	if err != nil {
		return err
	}
	plan, err := c.Plan()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, config.Summary(plan))
	return err
}

// Load reads a configuration file, or the built-in one where none is named.
func Load(file string) (*config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	return config.Load(file)
}

// Healthcheck asks a running exporter whether it is ready.
func Healthcheck(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
