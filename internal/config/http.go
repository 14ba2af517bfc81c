package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// httpConfig reads HTTP client settings strictly: unknown keys are errors,
// files are relative to the document and must be readable.
func httpConfig(p **promconfig.HTTPClientConfig) field {
	return func(d *document, key string, n *yaml.Node) {
		before := len(*d.problems)
		d.checkKeys(n, key, reflect.TypeFor[promconfig.HTTPClientConfig]())
		if len(*d.problems) > before {
			return
		}
		cfg := promconfig.DefaultHTTPClientConfig
		if err := n.Decode(&cfg); err != nil {
			d.decodeErrors(n, key, err)
			return
		}
		cfg.SetDirectory(d.path("."))
		if cfg.OAuth2 != nil { // the one file that SetDirectory leaves out
			cfg.OAuth2.ClientCertificateKeyFile = d.path(cfg.OAuth2.ClientCertificateKeyFile)
		}
		d.checkTLS(n, &cfg.TLSConfig, "tls_config")
		if cfg.OAuth2 != nil {
			d.checkTLS(n, &cfg.OAuth2.TLSConfig, "oauth2", "tls_config")
		}
		*p = &cfg
	}
}

// decodeErrors reports what the YAML decoder or the settings' own validation
// say; the former names lines.
func (d *document) decodeErrors(n *yaml.Node, key string, err error) {
	var mismatch *yaml.TypeError
	if !errors.As(err, &mismatch) {
		d.errorf(n, "%s: %v", key, err)
		return
	}
	for _, text := range mismatch.Errors {
		at := d.place(n)
		if found := syntaxLine.FindStringSubmatch(text); found[1] != "" {
			text = strings.TrimPrefix(text, found[0])
			at.line, _ = strconv.Atoi(found[1])
		}
		d.problems.add(at, "%s: %s", key, text)
	}
}

// checkTLS loads certificates and keys once, to find faults before the first
// poll.
func (d *document) checkTLS(n *yaml.Node, cfg *promconfig.TLSConfig, path ...string) {
	if _, err := promconfig.NewTLSConfig(cfg); err != nil {
		d.problems.add(d.origin(n).at(path...), "%s: %v", strings.Join(path, "."), err)
	}
}

var (
	secretType  = reflect.TypeFor[promconfig.Secret]()
	urlType     = reflect.TypeFor[promconfig.URL]()
	headersType = reflect.TypeFor[promconfig.Headers]()
	oauth2Type  = reflect.TypeFor[promconfig.OAuth2]()
)

// checkKeys holds a tree against the type it is decoded into: keys must exist,
// files must be readable, secrets are noted.
func (d *document) checkKeys(n *yaml.Node, key string, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case isNull(n):
	case t == secretType:
		d.secrets[n] = true
	case t == headersType:
		d.checkMap(n, key, t.Field(0).Type)
	case t.Kind() == reflect.Struct && t != urlType:
		d.checkStruct(n, key, t)
	case t.Kind() == reflect.Map:
		d.checkMap(n, key, t)
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			d.checkKeys(item, key, t.Elem())
		}
	case n.Value != "" && (strings.HasSuffix(key, "_file") || key == "files"):
		if err := checkReadable(d.path(n.Value)); err != nil {
			d.errorf(n, "%s: %v", key, err)
		}
	}
}

// checkStruct holds a mapping against the keys of a struct.
func (d *document) checkStruct(n *yaml.Node, key string, t reflect.Type) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s: want a mapping of keys to values, got %s", key, kindOf(n))
		return
	}
	known := map[string]reflect.Type{}
	yamlKeys(t, known)
	for k, v := range pairs(n) {
		field, ok := known[k.Value]
		if !ok {
			d.errorf(k, "unknown key %q in %s: %s", k.Value, key, suggest(k.Value, sortedKeys(known)))
			continue
		}
		d.checkKeys(v, k.Value, field)
		if t == oauth2Type && (k.Value == "endpoint_params" || k.Value == "claims") {
			d.secrets[v] = true // plain strings to the type, credentials to token servers
		}
	}
}

// checkMap checks the values of a mapping whose keys are free.
func (d *document) checkMap(n *yaml.Node, key string, t reflect.Type) {
	for k, v := range pairs(n) {
		d.checkKeys(v, key+"."+k.Value, t.Elem())
	}
}

// yamlKeys collects the keys of a struct. References to a secret manager are
// left out: there is none here.
func yamlKeys(t reflect.Type, known map[string]reflect.Type) {
	for f := range t.Fields() {
		name, flags, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported(), strings.HasSuffix(name, "_ref"):
		case strings.Contains(flags, "inline"):
			yamlKeys(f.Type, known)
		default:
			known[name] = f.Type
		}
	}
}

// sortedKeys makes what is said and hashed independent of the order of maps.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// httpKey is a hash of HTTP settings, secrets and file names included: equal
// for settings that make equal clients.
func httpKey(cfg promconfig.HTTPClientConfig) string {
	h := sha256.New()
	writeValue(h, reflect.ValueOf(cfg))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// writeValue writes all that a value holds, behind pointers too. Marshalling
// would leave secrets out.
func writeValue(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			fmt.Fprint(w, "nil;")
			return
		}
		writeValue(w, v.Elem())
	case reflect.Struct:
		if u, ok := v.Interface().(promconfig.URL); ok {
			fmt.Fprintf(w, "%q;", urlText(u))
			return
		}
		for f, value := range v.Fields() {
			if f.IsExported() {
				fmt.Fprintf(w, "%s=", f.Name)
				writeValue(w, value)
			}
		}
	case reflect.Map:
		writeMap(w, v)
	case reflect.Slice:
		fmt.Fprintf(w, "[%d]", v.Len())
		for i := range v.Len() {
			writeValue(w, v.Index(i))
		}
	case reflect.String:
		fmt.Fprintf(w, "%q;", v.String())
	default:
		fmt.Fprintf(w, "%v;", v)
	}
}

// writeMap writes a map by sorted keys.
func writeMap(w io.Writer, v reflect.Value) {
	values := map[string]reflect.Value{}
	for _, k := range v.MapKeys() {
		values[fmt.Sprint(k)] = v.MapIndex(k)
	}
	fmt.Fprintf(w, "{%d}", len(values))
	for _, k := range sortedKeys(values) {
		fmt.Fprintf(w, "%q=", k)
		writeValue(w, values[k])
	}
}

// urlText is the URL with its credentials.
func urlText(u promconfig.URL) string {
	if u.URL == nil {
		return ""
	}
	return u.String()
}
