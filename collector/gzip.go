package collector

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"
)

// zipped is text as raw deflate blocks that refer to nothing outside and end
// on a byte, so that such pieces can stand one after another in one gzip
// member.
type zipped struct {
	blocks []byte
	size   uint32 // of the text
	crc    uint32 // of the text
	shift  uint32 // moves a checksum over a text of this size, see shiftBy
}

// deflaters are writers of the fastest level: it takes half the time of the
// default and comes within 5 % of its size (BenchmarkDeflate).
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// zip compresses a text. Writing to memory does not fail.
func zip(plain []byte) zipped {
	if len(plain) == 0 {
		return zipped{shift: shiftBy(0)}
	}
	var out bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(plain)
	_ = w.Flush()
	return zipped{
		blocks: bytes.Clone(out.Bytes()),
		size:   uint32(len(plain)), // gzip counts modulo 2^32
		crc:    crc32.ChecksumIEEE(plain),
		shift:  shiftBy(len(plain)),
	}
}

// member is a gzip member made of zipped pieces.
type member struct {
	pieces [][]byte
	crc    uint32
	size   uint32
}

// gzipHeader names deflate and neither a time nor a system.
var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}

func newMember(pieces int) *member {
	return &member{pieces: append(make([][]byte, 0, pieces+2), gzipHeader)}
}

func (m *member) add(z zipped) {
	m.pieces = append(m.pieces, z.blocks)
	m.crc = multiply(z.shift, m.crc) ^ z.crc
	m.size += z.size
}

// close adds the last, empty block and the trailer, and returns all pieces.
func (m *member) close() [][]byte {
	end := []byte{0x03, 0x00}
	end = binary.LittleEndian.AppendUint32(end, m.crc)
	end = binary.LittleEndian.AppendUint32(end, m.size)
	m.pieces = append(m.pieces, end)
	return m.pieces
}

// A CRC-32 is a polynomial over GF(2) modulo the IEEE one, kept with the
// highest power in the lowest bit. The checksum of A followed by B is that of
// A times x to the power of B's bits, plus that of B.

// multiply multiplies two polynomials modulo the IEEE one.
func multiply(a, b uint32) uint32 {
	product := uint32(0)
	for bit := uint32(1) << 31; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc32.IEEE
		}
	}
	return product
}

// shiftBy is x to the power of n bytes.
func shiftBy(n int) uint32 {
	product := uint32(1) << 31                     // x^0
	for power := uint32(1) << 23; n > 0; n >>= 1 { // x^8
		if n&1 != 0 {
			product = multiply(product, power)
		}
		power = multiply(power, power)
	}
	return product
}
