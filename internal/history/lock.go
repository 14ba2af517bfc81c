package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// lock keeps a second run off a directory. The kernel drops it with the
// process, however that ends, so that no stale lock is ever in the way.
type lock struct{ file *os.File }

// lockDir takes the lock of a directory or says which process has it.
func lockDir(dir string) (*lock, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("store %s: held by another process%s", dir, holder(f))
		}
		return nil, fmt.Errorf("store %s: locking %s: %w", dir, path, err)
	}
	l := &lock{file: f}
	if err := l.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", dir, err), f.Close())
	}
	return l, nil
}

// sign writes who holds the lock.
func (l *lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder reads who signed, for an error; empty if that is not known.
func holder(r io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(r, 32))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(b)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (pid %d)", pid)
}

// release lets go. The file stays: removing it could take away the lock of a
// run that has opened it in the meantime.
func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
