package config

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/downstatus/downstatus_exporter/internal/history"
)

// history reads where outages are kept, and for how long.
func (c *Config) history(d *document, key string, n *yaml.Node) {
	var dsn, file string
	object(fields{
		"retention": duration(&c.retention), "dsn": secret(&dsn), "dsn_file": text(&file),
	})(d, key, n)
	if dsn != "" && file != "" {
		d.errorf(child(n, "dsn_file"), "history: dsn and dsn_file are both set: want one of them")
		return
	}
	at := "dsn"
	if file != "" {
		at = "dsn_file"
		data, err := readRegular(d.path(file))
		if err != nil {
			d.errorf(child(n, at), "history.dsn_file: %v", err)
			return
		}
		if dsn = strings.TrimSpace(string(data)); dsn == "" {
			d.errorf(child(n, at), "history.dsn_file: %s is empty: want postgres://USER:PASSWORD@HOST:PORT/DATABASE in it", d.path(file))
			return
		}
	}
	if dsn == "" {
		return
	}
	if err := history.CheckDSN(dsn); err != nil {
		d.errorf(child(n, at), "history.%s: %v", at, err)
		return
	}
	c.dsn = dsn
}
