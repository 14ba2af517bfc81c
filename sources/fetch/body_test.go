package fetch

import (
	"bytes"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for _, tc := range []struct {
		media       Media
		contentType string
		body        string
		want        Reason // empty: accepted
	}{
		{JSON, "application/json", `{}`, ""},
		{JSON, "Application/JSON; charset=utf-8", "\ufeff\r\n [1]", ""},
		{JSON, "application/json;", `"word"`, ""},
		{JSON, "text/json", `-1`, ""},
		{JSON, "application/vnd.api+json", `true`, ""},
		{JSON, "application/problem+json", `null`, ""},
		{JSON, "text/plain; charset=utf-8", `0`, ""},
		{JSON, "application/javascript", `false`, ""},
		{JSON, "application/octet-stream", `{}`, ""},
		{JSON, "", `{}`, ""},
		{JSON, "text/html; charset=utf-8", `{}`, ContentType},
		{JSON, "application/xml", `{}`, ContentType},
		{JSON, "application/json", ` <!DOCTYPE html>`, ContentType},
		{JSON, "application/json", "\ufeff<html>", ContentType},
		{JSON, "application/json", `callback({})`, ContentType},
		{JSON, "application/json", "\x00{}", ContentType},
		{JSON, "application/json", "", Decode},
		{JSON, "application/json", "\ufeff \n", Decode},
		{XML, "application/xml", `<?xml version="1.0"?><rss/>`, ""},
		{XML, "text/xml; charset=utf-8", "\ufeff\n<rss/>", ""},
		{XML, "application/atom+xml", `<feed/>`, ""},
		{XML, "text/plain", `<feed/>`, ""},
		{XML, "", `<feed/>`, ""},
		{XML, "application/rss+xml", `{}`, ContentType},
		{XML, "application/rss+xml", `<!DOCTYPE HTML PUBLIC>`, ContentType},
		{XML, "application/rss+xml", `<HTML lang=en>`, ContentType},
		{XML, "text/html", `<rss/>`, ContentType},
		{XML, "application/xhtml+xml", `<?xml version="1.0"?><html/>`, ContentType},
		{XML, "application/json", `<rss/>`, ContentType},
		{XML, "application/xml", " ", Decode},
		{HTML, "text/html", `<p>`, ""},
		{HTML, "text/html;charset=utf-8", "words", ""},
		{HTML, "application/json", `{}`, ContentType},
		{HTML, "", `<html>`, ContentType},
		{HTML, "text/html", "", Decode},
		{Any, "image/png", "\x89PNG", ""},
		{Any, "", "", ""},
		{Any, "", "\ufeffx", ""},
	} {
		got, err := sniff(tc.media, tc.contentType, []byte(tc.body))
		if tc.want != "" {
			wantReason(t, err, tc.want)
			continue
		}
		if want := strings.TrimPrefix(tc.body, "\ufeff"); err != nil || string(got) != want {
			t.Errorf("%v %q %q: got %q, %v", tc.media, tc.contentType, tc.body, got, err)
		}
	}
}

func FuzzSniff(f *testing.F) {
	f.Add(int8(JSON), "application/json", []byte("\ufeff{}"))
	f.Add(int8(XML), "text/xml", []byte("<!DOCTYPE html>"))
	f.Add(int8(HTML), "text/html; charset", []byte("\xef\xbb"))
	f.Add(int8(Any), ";;", []byte(nil))
	f.Fuzz(func(t *testing.T, media int8, contentType string, body []byte) {
		m := Media(uint8(media) % 4)
		got, err := sniff(m, contentType, body)
		if err != nil {
			if reason := ReasonOf(err); got != nil || reason != ContentType && reason != Decode {
				t.Fatalf("got %q with %v", got, err)
			}
			if strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 1000 {
				t.Fatalf("not fit for a log: %q", err)
			}
			return
		}
		if !bytes.Equal(got, bytes.TrimPrefix(body, bom)) {
			t.Fatalf("%q became %q", body, got)
		}
		if m == Any {
			return
		}
		first := bytes.TrimLeft(got, " \t\r\n")
		if len(first) == 0 || (first[0] == '<') != (m == XML) && m != HTML {
			t.Fatalf("%q passed as %v", body, m)
		}
		if m != HTML && strings.HasPrefix(strings.ToLower(contentType), "text/html") {
			t.Fatalf("a page passed as %v", m)
		}
	})
}
