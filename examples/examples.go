// Package examples holds files to start from. The configurations among them are
// part of the program.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed minimal.yml full.yml services.d bank company game-studio help-desk internet-provider
var configurations embed.FS

// Configurations are the example configurations, by their path below this
// folder.
func Configurations() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(configurations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = configurations.ReadFile(path)
		return err
	})
	return files, err
}
