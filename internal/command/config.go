// Package command holds the commands beside run: each takes what its flags
// say, writes to the given writer, and returns an error for the exit code.
package command

import (
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
func Healthcheck(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
