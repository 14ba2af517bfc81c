// Command downstatus_exporter knows when the services you depend on are down:
// it reads user-report feeds and official status pages, and exports both
// signals, combined, to Prometheus and as JSON.
package main

import (
	"context"
	_ "embed" // the version
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/version"
	"gopkg.in/alecthomas/kingpin.v2"

	"github.com/downstatus/downstatus_exporter/internal/app"
	"github.com/downstatus/downstatus_exporter/internal/command"
	"github.com/downstatus/downstatus_exporter/internal/logging"
	_ "github.com/downstatus/downstatus_exporter/sources/all"
)

//go:embed VERSION
var release string

func init() {
	if version.Version == "" { // not set by the build: go run, go install
		version.Version = strings.TrimSpace(release)
	}
}

func main() {
	if os.Getenv("GOGC") == "" { // little is allocated between polls, and memory is what a sidecar has least of
		debug.SetGCPercent(50)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// flags are what the command line says.
type flags struct {
	app       app.Options
	logLevel  string
	logFormat string
	file      string
	url       string
	slug      string
	json      bool
	catalog   command.CatalogQuery
	check     command.CatalogCheck
	backfill  command.BackfillQuery
	report    command.ReportQuery
	export    exportFlags
}

// run is the program but for its exit: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var f flags
	cli := kingpin.New("downstatus_exporter", "Prometheus exporter for the status of the services you depend on.")
	cli.UsageWriter(stdout).ErrorWriter(stderr).UsageTemplate(kingpin.LongHelpTemplate).HelpFlag.Short('h')
	cli.Version(version.Print("downstatus_exporter"))
	define(cli, &f)
	name, err := cli.Parse(args)
	if err == nil {
		f.app.Log, err = logging.New(stderr, f.logLevel, f.logFormat)
	}
	if err != nil {
		fmt.Fprintf(stderr, "downstatus_exporter: %v (try --help)\n", err)
		return 2
	}
	switch name {
	case "check-config":
		err = command.CheckConfig(stdout, f.file)
	case "catalog list":
		err = listCatalog(stdout, f)
	case "catalog check":
		err = checkCatalog(stdout, f)
	case "detect":
		err = detect(stdout, f)
	case "backfill", "report":
		err = past(stdout, name, f)
	case "export rules":
		err = command.ExportRules(stderr, f.export.Export, f.export.options())
	case "export dashboards":
		err = command.ExportDashboards(stderr, f.export.Export)
	case "export config":
		err = command.ExportConfig(stderr, f.export.Export)
	case "export alertmanager":
		err = exportAlertmanager(stdout, stderr, f)
	case "test-alert":
		err = testAlert(stdout, f)
	case "healthcheck":
		err = command.Healthcheck(context.Background(), f.url)
	default:
		err = serve(f.app)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// define declares the commands and flags.
func define(cli *kingpin.Application, f *flags) {
	cli.Flag("config.file", "Configuration file. Without one, the built-in configuration: the DownStatus feed with all its services, and some fifty services with official pages.").StringVar(&f.app.ConfigFile)
	cli.Flag("storage.path", "Folder of the store. Empty keeps nothing.").Default("data").StringVar(&f.app.StoragePath)
	cli.Flag("log.level", "Lines of this level and above: debug, info, warn or error.").Default("info").StringVar(&f.logLevel)
	cli.Flag("log.format", "Format of the lines: logfmt or json.").Default("logfmt").StringVar(&f.logFormat)

	w := &f.app.Web
	cmd := cli.Command("run", "Run the exporter.").Default()
	cmd.Flag("demo", "Run against a simulated world on loopback; no internet needed. Keeps its store in memory unless --storage.path is given.").BoolVar(&f.app.Demo)
	cmd.Flag("web.listen-address", "Address to listen on. Repeatable.").Default(":10980").StringsVar(&w.Listen)
	cmd.Flag("web.config.file", "File of exporter-toolkit's web configuration: TLS, basic auth.").StringVar(&w.ConfigFile)
	cmd.Flag("web.systemd-socket", "Use systemd's sockets in place of listen addresses.").BoolVar(&w.SystemdSocket)
	cmd.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&w.TelemetryPath)
	cmd.Flag("web.external-url", "Address at which others reach the exporter, for links. Without it: the listen address.").StringVar(&w.ExternalURL)
	cmd.Flag("web.route-prefix", "Prefix of all paths. Without it: the path of --web.external-url.").StringVar(&w.RoutePrefix)
	cmd.Flag("web.enable-lifecycle", "Allow POST /-/reload.").BoolVar(&w.Lifecycle)
	cmd.Flag("web.enable-pprof", "Serve /debug/pprof.").BoolVar(&w.Pprof)

	check := cli.Command("check-config", "Check a configuration file.")
	check.Arg("file", "The file.").Required().StringVar(&f.file)

	services := cli.Command("catalog", "The known services.")
	list := services.Command("list", "List them.")
	list.Arg("pattern", "Glob over slugs, or a part of a slug or name.").StringVar(&f.catalog.Pattern)
	list.Flag("category", "Only this category.").StringVar(&f.catalog.Category)
	list.Flag("engine", "Only pages that this engine reads.").StringVar(&f.catalog.Engine)
	list.Flag("json", "An array of objects in place of a table.").BoolVar(&f.catalog.JSON)

	probe := services.Command("check", "Ask their pages whether the catalog is still right, and print a patch.")
	probe.Arg("pattern", "Glob over slugs, or a part of a slug or name.").StringVar(&f.check.Pattern)
	probe.Flag("slug", "Only this service. Repeatable.").StringsVar(&f.check.Slugs)
	probe.Flag("engine", "Only pages that this engine reads.").StringVar(&f.check.Engine)
	probe.Flag("limit", "At most so many; 0 is all.").Default("0").IntVar(&f.check.Limit)
	probe.Flag("json", "An array of objects in place of text.").BoolVar(&f.check.JSON)

	det := cli.Command("detect", "Find the engine of a status page, and print how to configure it.")
	det.Arg("url", "The page's address.").Required().StringVar(&f.url)
	det.Flag("json", "An object in place of text.").BoolVar(&f.json)

	fill := cli.Command("backfill", "Write the outage history as OpenMetrics with timestamps, for promtool tsdb create-blocks-from openmetrics.")
	durationFlag(fill, "since", "How far back.", "168h", &f.backfill.Since)
	durationFlag(fill, "until", "How long ago it ends: 3h for a Prometheus that runs, which holds the newest hours open.", "0s", &f.backfill.Until)
	durationFlag(fill, "step", "Between samples of a value that stays; each change has a sample of its own.", "4m", &f.backfill.Step)
	fill.Flag("output", "File to write. Without it: standard output.").Short('o').StringVar(&f.backfill.Output)

	rep := cli.Command("report", "Outages, minutes down by signal, and how late each page was.")
	durationFlag(rep, "since", "How far back.", "30d", &f.report.Since)
	rep.Flag("csv", "Comma-separated values in place of a table.").BoolVar(&f.report.CSV)
	rep.Flag("json", "An array of objects in place of a table.").BoolVar(&f.report.JSON)
	rep.Flag("outages", "List each outage below the table.").BoolVar(&f.report.Outages)
	f.export.define(cli)

	trial := cli.Command("test-alert", "Fire an alert and resolve it, through the configured bridge: tries the way to the pager.")
	trial.Flag("slug", "A service, whose labels the alert carries.").StringVar(&f.slug)

	health := cli.Command("healthcheck", "Exit with 0 if a running exporter is ready: for containers.")
	health.Flag("url", "Where it answers.").Default("http://127.0.0.1:10980/-/ready").StringVar(&f.url)

	cli.PreAction(func(c *kingpin.ParseContext) error {
		for _, e := range c.Elements {
			if flag, ok := e.Clause.(*kingpin.FlagClause); ok && flag.Model().Name == "storage.path" {
				return nil
			}
		}
		if f.app.Demo {
			f.app.StoragePath = ""
		}
		return nil
	})
}

// duration is a flag as Prometheus writes durations.
type duration struct {
	name  string
	value *time.Duration
}

// Set implements kingpin.Value.
func (d duration) Set(text string) error {
	v, err := model.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("--%s=%s: want a duration such as 30d, 168h or 90m", d.name, text)
	}
	*d.value = time.Duration(v)
	return nil
}

func (d duration) String() string { return model.Duration(*d.value).String() }

func durationFlag(cmd *kingpin.CmdClause, name, help, std string, value *time.Duration) {
	cmd.Flag(name, help).Default(std).SetValue(duration{name, value})
}

// past runs the commands that read the store.
func past(w io.Writer, name string, f flags) error {
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if name == "report" {
		return command.Report(ctx, w, c, f.app.StoragePath, f.report, time.Now())
	}
	return command.Backfill(ctx, w, c, f.app.StoragePath, f.backfill, time.Now())
}

func listCatalog(w io.Writer, f flags) error {
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	return command.CatalogList(w, c.Catalog(), f.catalog)
}

func checkCatalog(w io.Writer, f flags) error {
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	client, err := command.Client(c, "")
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command.CheckCatalog(ctx, w, client, c.Catalog(), f.check)
}

func exportAlertmanager(stdout, stderr io.Writer, f flags) error {
	if !f.export.perVendor {
		return command.ExportAlertmanager(stdout, stderr, f.export.Export, nil)
	}
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	return command.ExportAlertmanager(stdout, stderr, f.export.Export, c)
}

func detect(w io.Writer, f flags) error {
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	client, err := command.Client(c, f.url)
	if err != nil {
		return err
	}
	defer client.Close()
	return command.Detect(context.Background(), w, client, f.url, f.json)
}

func testAlert(w io.Writer, f flags) error {
	c, err := command.Load(f.app.ConfigFile)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command.TestAlert(ctx, w, c, f.slug)
}

// serve runs the exporter until SIGTERM or an interrupt.
func serve(o app.Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	level.Info(o.Log).Log("msg", "starting", "version", version.Info())
	a, err := app.New(o)
	if err != nil {
		return err
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	go func() {
		for range hup {
			_ = a.Reload() // logged there
		}
	}()
	err = a.Run(ctx)
	return closing(o.Log, a, err)
}

func closing(l log.Logger, a *app.App, err error) error {
	if cerr := a.Close(); cerr != nil {
		level.Error(l).Log("msg", "not closed cleanly", "err", cerr)
	}
	if err == nil {
		level.Info(l).Log("msg", "stopped")
	}
	return err
}
