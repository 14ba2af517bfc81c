package sources

import (
	"bytes"
	"net/url"
	"testing"
	"time"
)

func TestLastChange(t *testing.T) {
	d := Detection{Updated: "page.updated_at"}
	for body, want := range map[string]string{
		`{"page":{"updated_at":"2026-03-01T12:00:00.5+02:00"}}`: "2026-03-01T10:00:00.5Z",
		`{"page":{"updated_at":"yesterday"}}`:                   "",
		`{"page":{"updated_at":null}}`:                          "",
		`{"page":"updated_at"}`:                                 "",
		`[]`:                                                    "",
		`{`:                                                     "",
	} {
		got := d.LastChange([]byte(body))
		if want == "" != got.IsZero() || want != "" && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %s, want %q", body, got, want)
		}
	}
	if got := (Detection{}).LastChange([]byte(`{"":"2026-03-01T12:00:00Z"}`)); !got.IsZero() {
		t.Errorf("%s from an engine that has no such time", got)
	}
}

func TestOwn(t *testing.T) {
	page := &url.URL{Scheme: "https", Host: "status.acme.test"}
	for body, want := range map[string]string{
		`<a href="/history">x</a>`:                        `<a href="/history">x</a>`,
		`<a class=b href=https://status.acme.test/a>`:     `<a class=b href=https://status.acme.test/a>`,
		`<p><A HREF='//other.test/'>x</A>`:                `<p>x</A>`,
		`<a name="top">`:                                  `<a name="top">`,
		`<script src="https://other.test/a.js"></script>`: `<script src="https://other.test/a.js"></script>`,
	} {
		if got := (HTML{Body: []byte(body), Page: page}).Own(); string(got.Body) != want {
			t.Errorf("%s: %s, want %s", body, got.Body, want)
		}
	}
}

func FuzzDetection(f *testing.F) {
	f.Add([]byte(`<a href="//other.test/">x</a><script src=/a.js>`))
	f.Add([]byte(`{"page":{"updated_at":"2026-03-01T12:00:00Z"}}`))
	page := &url.URL{Scheme: "https", Host: "status.acme.test"}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := HTML{Body: body, Page: page}
		own := h.Own()
		if len(own.Body) > len(body) {
			t.Errorf("%q became %q", body, own.Body)
		}
		if at := (Detection{Updated: "page.updated_at"}).LastChange(body); !at.IsZero() && !bytes.Contains(body, []byte(`"`)) {
			t.Errorf("%s out of %q", at, body)
		}
	})
}
