package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
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

// wide is a text in UTF-16, without BOM.
func wide(order binary.AppendByteOrder, s string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestInUTF8(t *testing.T) {
	const text = `[{"name":"São Paulo 東京 🙂"}]`
	big, little := wide(binary.BigEndian, text), wide(binary.LittleEndian, text)
	for name, tc := range map[string]struct {
		contentType, body string
		want              string
		reason            Reason // empty: accepted
	}{
		"empty list as the wire has it":   {"application/json;charset=utf-16", "\xfe\xff\x00\x5b\x00\x5d", "[]", ""},
		"big endian by BOM alone":         {"application/json", "\xfe\xff" + big, text, ""},
		"little endian by BOM alone":      {"", "\xff\xfe" + little, text, ""},
		"BOM against the media type":      {"application/json; charset=UTF-16BE", "\xff\xfe" + little, text, ""},
		"media type alone: big endian":    {"application/json; charset=\"UTF-16\"", big, text, ""},
		"media type alone: little endian": {"application/json; charset=utf-16le", little, text, ""},
		"UTF-8 BOM against the media type": {
			"application/json; charset=utf-16", "\ufeff" + text, "\ufeff" + text, "",
		},
		"UTF-8 stays":            {"application/json; charset=utf-8", text, text, ""},
		"broken media type":      {"application/json; charset", text, text, ""},
		"one byte":               {"application/json", "\xfe", "\xfe", ""},
		"nothing but a BOM":      {"application/json", "\xff\xfe", "", ""},
		"nothing at all":         {"application/json; charset=utf-16", "", "", ""},
		"half a character":       {"application/json", "\xfe\xff\x00[\x00", "", Decode},
		"lone surrogate":         {"", "\xfe\xff\xd8\x3d\x00[", "\ufffd[", ""},
		"surrogate at the end":   {"", "\xfe\xff\x00[\xd8\x3d", "[\ufffd", ""},
		"low surrogate first":    {"", "\xfe\xff\xde\x00\x00[", "\ufffd[", ""},
		"over the limit as text": {"", "\xfe\xff" + wide(binary.BigEndian, strings.Repeat("東", 30)), "", TooLarge},
	} {
		got, err := inUTF8(tc.contentType, []byte(tc.body), 80)
		if tc.reason == "" {
			if err != nil || string(got) != tc.want {
				t.Errorf("%s: %q, %v, want %q", name, got, err, tc.want)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: %q, want reason %s", name, got, tc.reason)
			continue
		}
		wantReason(t, failure(context.Background(), &url.URL{}, err), tc.reason)
	}
}

// TestUTF16Body takes a body the whole way: what a decoder gets is UTF-8, also
// out of gzip, and the limit counts the bytes that were read.
func TestUTF16Body(t *testing.T) {
	packed := false
	body := "\xfe\xff" + wide(binary.BigEndian, `{"Name":"東京"}`)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-16")
		if !packed {
			w.Write([]byte(body))
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte(body))
		z.Close()
	})
	c := newClient(t, Settings{BodyLimit: 64})
	for _, packed = range []bool{false, true} {
		d := Document[thing]{URL: s.URL, Decode: decodeThing}
		v, changed, err := d.Get(context.Background(), c)
		if err != nil || !changed || v.Name != "東京" {
			t.Errorf("gzip %t: %+v, changed %t, %v", packed, v, changed, err)
		}
	}
	body = "\xfe\xff" + wide(binary.BigEndian, " ") + body // a second BOM is no white space
	wantReason(t, get(t, c, s.URL), ContentType)
	body = "\xfe\xff" + wide(binary.BigEndian, `"`+strings.Repeat("x", 40)+`"`)
	wantReason(t, get(t, c, s.URL), TooLarge)
	body = "\xfe\xff" + wide(binary.BigEndian, "<!doctype html>")
	wantReason(t, get(t, c, s.URL), ContentType)
}

func FuzzInUTF8(f *testing.F) {
	f.Add("application/json;charset=utf-16", []byte("\xfe\xff\x00[\x00]"))
	f.Add("", []byte("\xff\xfe[\x00]\x00"))
	f.Add("text/xml; charset=utf-16le", []byte{0x3d, 0xd8, 0x42, 0xde})
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		const limit = 64
		got, err := inUTF8(contentType, body, limit)
		order, text := utf16Order(contentType, body)
		switch {
		case order == nil:
			if err != nil || !bytes.Equal(got, body) {
				t.Fatalf("%q became %q, %v", body, got, err)
			}
		case err != nil:
			if len(text)%2 == 0 && len(text) <= 2*limit/3 {
				t.Fatalf("%q: %v", body, err)
			}
		case !utf8.Valid(got) || len(got) > limit:
			t.Fatalf("%q became %q", body, got)
		}
	})
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
