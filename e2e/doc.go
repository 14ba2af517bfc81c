// Package e2e tries the way from a vendor's outage to a notification with the
// real Prometheus and Alertmanager on loopback. Its test takes half a minute
// and is built only with the tag e2e:
//
//	go test -tags e2e -count 1 -v ./e2e
//
// It is skipped where the servers are not installed, unless E2E_REQUIRED is set.
package e2e
