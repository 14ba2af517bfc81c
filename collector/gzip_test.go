package collector

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestMemberOfPieces(t *testing.T) {
	long := strings.Repeat("a line that comes again\n", 20_000)
	for name, pieces := range map[string][]string{
		"none":           {},
		"empty":          {""},
		"one":            {"hello\n"},
		"empty between":  {"hello\n", "", "world\n"},
		"over a window":  {long, "short", long},
		"incompressible": {noise(100_000), noise(1), long},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMember(len(pieces))
			for _, p := range pieces {
				m.add(zip([]byte(p)))
			}
			got := gunzipOne(t, bytes.Join(m.close(), nil))
			if want := strings.Join(pieces, ""); string(got) != want {
				t.Errorf("got %d bytes that differ from the %d put in", len(got), len(want))
			}
		})
	}
}

func TestChecksumOfPieces(t *testing.T) {
	for _, size := range []int{0, 1, 2, 255, 4096, 1<<20 + 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			a, b := []byte(noise(1000)), []byte(noise(size))
			got := multiply(shiftBy(size), crc32.ChecksumIEEE(a)) ^ crc32.ChecksumIEEE(b)
			if want := crc32.ChecksumIEEE(append(a, b...)); got != want {
				t.Errorf("got %08x, want %08x", got, want)
			}
		})
	}
}

// gunzipOne reads a gzip body and fails unless it is one member and no more.
func gunzipOne(t *testing.T, body []byte) []byte {
	t.Helper()
	in := bytes.NewReader(body)
	r, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false)
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if in.Len() > 0 {
		t.Fatalf("%d bytes after the member", in.Len())
	}
	return plain
}

// noise is text that does not compress, the same in every run.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return string(out)
}
