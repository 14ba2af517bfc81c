package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile takes the place of a file at once: whoever reads it meanwhile sees
// the old one or the new one.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".downstatus-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
