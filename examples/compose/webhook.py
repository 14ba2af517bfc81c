"""Prints what Alertmanager would have sent to people, but for the watchdog."""
import http.server
import json


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/watchdog":
            for alert in body["alerts"]:
                said = alert["annotations"]
                print(alert["status"], alert["labels"]["alertname"], said.get("description", ""), said.get("board_url", ""), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


http.server.HTTPServer(("127.0.0.1", 5001), Webhook).serve_forever()
