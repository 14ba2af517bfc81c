package api

import (
	"bytes"
	"encoding/json"
)

// encode writes one of the package's own shapes as JSON. That cannot fail: they
// hold strings, numbers and booleans, and the embedded document is valid.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
