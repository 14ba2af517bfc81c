package bridge

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"github.com/downstatus/downstatus_exporter/internal/config"
	"github.com/downstatus/downstatus_exporter/internal/history"
)

// postTimeout is how long an Alertmanager may take for one batch.
const postTimeout = 10 * time.Second

// Reason is why an alert was not delivered: a closed set, the label of
// downstatus_bridge_alerts_failed_total.
type Reason string

// The reasons.
const (
	refused   Reason = "refused"  // the alert itself: 400, 413 or 422
	denied    Reason = "denied"   // 401 or 403
	http4xx   Reason = "http_4xx" // any other 4xx
	http5xx   Reason = "http_5xx"
	httpOther Reason = "http_other" // any other status, also a redirect that loses the alerts
	timeout   Reason = "timeout"
	dns       Reason = "dns"
	connect   Reason = "connect" // no connection, or it broke
	untrusted Reason = "tls"     // handshake or certificate
)

// Reasons lists the closed set.
var Reasons = [...]Reason{refused, denied, http4xx, http5xx, httpOther, timeout, dns, connect, untrusted}

// failure is an attempt that did not deliver.
type failure struct {
	reason Reason
	err    error // without addresses: they may carry credentials
}

// Error says what happened, in words for a log line.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns the cause.
func (f *failure) Unwrap() error { return f.err }

// reasonOf is the reason of an error of post.
func reasonOf(err error) Reason {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.reason
	}
	return connect
}

// client posts alerts by the bridge's own HTTP settings.
type client struct {
	http   *http.Client
	scheme string
	prefix string
}

func newClient(cfg *config.Alertmanager) (*client, error) {
	c, err := promconfig.NewClientFromConfig(cfg.HTTP, "alertmanager", promconfig.WithUserAgent("downstatus_exporter/"+version.Version))
	if err != nil {
		return nil, err
	}
	return &client{http: c, scheme: cfg.Scheme, prefix: cfg.PathPrefix}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// address is where a peer takes alerts.
func (c *client) address(peer string) string {
	u := url.URL{Scheme: c.scheme, Host: peer}
	return u.JoinPath(c.prefix, "/api/v2/alerts").String()
}

// payload is an alert as the v2 API takes it.
type payload struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// encode is the body of a request. An alert that fires ends at the end of its
// lease, and none ends before it starts.
func encode(batch []history.Alert, now time.Time) ([]byte, error) {
	out := make([]payload, 0, len(batch))
	for _, a := range batch {
		p := payload{Labels: a.Labels, Annotations: a.Annotations, StartsAt: a.StartsAt.UTC(), EndsAt: a.EndsAt.UTC(), GeneratorURL: a.Page}
		if firing(a) {
			p.EndsAt = now.Add(lease).UTC()
		}
		p.EndsAt = latest(p.EndsAt, p.StartsAt)
		out = append(out, p)
	}
	return json.Marshal(out)
}

// post sends a batch to a peer. Its error is a failure.
func (c *client) post(ctx context.Context, peer string, batch []history.Alert, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	body, err := encode(batch, now)
	if err != nil {
		return &failure{refused, err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(peer), bytes.NewReader(body))
	if err != nil {
		return &failure{connect, bare(err)}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return classify(err)
	}
	defer resp.Body.Close()
	return judge(resp)
}

// judge is nil for an answer that takes the alerts.
func judge(resp *http.Response) error {
	said := words(resp.Body)
	if resp.Request.Method != http.MethodPost {
		return &failure{httpOther, errors.New("redirected, and the alerts were lost on the way: configure the address that it redirects to")}
	}
	err := fmt.Errorf("answers %s%s", resp.Status, said)
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		return &failure{refused, err}
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return &failure{denied, err}
	case code/100 == 4:
		return &failure{http4xx, err}
	case code/100 == 5:
		return &failure{http5xx, err}
	default:
		return &failure{httpOther, err}
	}
}

// words are the beginning of what an answer says, on one line.
func words(body io.Reader) string {
	const most = 300
	text, _ := io.ReadAll(io.LimitReader(body, most)) // what can be read of it
	said := strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "")), " ")
	if said == "" {
		return ""
	}
	return ": " + said
}

// classify finds the reason of an error of the network.
func classify(err error) error {
	return &failure{networkReason(err), bare(err)}
}

func networkReason(err error) Reason {
	var timed interface{ Timeout() bool }
	_, isDNS := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case isDNS:
		return dns
	case errors.As(err, &timed) && timed.Timeout():
		return timeout
	case certificate, errors.Is(err, http.ErrSchemeMismatch),
		strings.Contains(err.Error(), "tls: "), strings.Contains(err.Error(), "x509: "): // most have no type
		return untrusted
	default:
		return connect
	}
}

// bare is what happened, without the address.
func bare(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", postTimeout)
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
