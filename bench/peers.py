"""The proxies that others use, each with one worker on one processor, in front of the same upstream."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.blackbox.processes import Server, free_port, http, wait_until

BODY = "x" * 1024


@dataclass
class Target:
    """Something to shoot at, and the processes whose time it costs."""

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    pids: list[int] = field(default_factory=list)


class Peers:
    """Starts what is installed; `absent` names the rest. Under test means: on the second processor."""

    def __init__(self, folder: Path, pin_load: list[str], pin_tested: list[str]):
        self.folder, self.pin_load, self.pin_tested = folder, pin_load, pin_tested
        self.servers: list[Server] = []
        self.absent: list[str] = []
        self.upstream_port, self.authorizer_port = free_port(), free_port()
        try:
            self._start_all()
        except BaseException:
            self.stop()
            raise

    def _start_all(self) -> None:
        self.upstream = self._nginx(
            "upstream", self.pin_load, self.upstream_port, f'location / {{ return 200 "{BODY}"; }}'
        )
        self.authorizer = self._nginx("authorizer", self.pin_load, self.authorizer_port, "location / { return 204; }")
        self.targets = [Target("upstream alone", self._url(self.upstream_port), pids=[self.upstream])]
        self._nginx_as_proxy()
        self._nginx_asking()
        self._haproxy()
        self._caddy()

    @staticmethod
    def _url(port: int) -> str:
        return f"http://127.0.0.1:{port}/parcels/7"

    def _start(self, name: str, pin: list[str], command: list, port: int) -> int:
        server = Server(name, [*pin, *command], self.folder / f"{name}.log")
        self.servers.append(server)
        wait_until(lambda: http("GET", self._url(port)).status in (200, 204), f"{name} answers", server)
        return server.process.pid

    def _nginx(self, name: str, pin: list[str], port: int, locations: str, log: str = "access_log off;") -> int:
        home = self.folder / name
        home.mkdir()
        config = home / "nginx.conf"
        config.write_text(f"""\
daemon off;
worker_processes 1;
pid {home}/pid;
error_log {home}/error.log;
events {{ worker_connections 2048; }}
http {{
  log_format json escape=json '{{"at":"$time_iso8601","by":"$remote_addr","request":"$request","status":$status}}';
  {log}
  client_body_temp_path {home}/a; proxy_temp_path {home}/b;
  fastcgi_temp_path {home}/c; uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
  keepalive_requests 100000000;
  upstream application {{ server 127.0.0.1:{self.upstream_port}; keepalive 512; keepalive_requests 100000000; }}
  upstream authorizer {{ server 127.0.0.1:{self.authorizer_port}; keepalive 512; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    {locations}
  }}
}}
""")
        return self._start(name, pin, ["nginx", "-c", config, "-p", home], port)

    def _nginx_as_proxy(self) -> None:
        port = free_port()
        pid = self._nginx("nginx", self.pin_tested, port, "location / { proxy_pass http://application; }")
        self.targets.append(Target("nginx", self._url(port), pids=[pid]))

    def _nginx_asking(self) -> None:
        port = free_port()
        locations = """
    location = /ask { internal; proxy_pass http://authorizer; proxy_pass_request_body off;
                      proxy_set_header Connection ""; proxy_set_header Content-Length ""; proxy_set_header X-Original-URI $request_uri; }
    location / { auth_request /ask; proxy_pass http://application; }"""
        log = f"access_log {self.folder}/nginx-asking/access.log json;"
        pid = self._nginx("nginx-asking", self.pin_tested, port, locations, log)
        self.targets.append(Target(ASKING, self._url(port), pids=[pid, self.authorizer]))

    def _haproxy(self) -> None:
        if not shutil.which("haproxy"):
            return self.absent.append("HAProxy")
        port = free_port()
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""\
global
  nbthread 1
  maxconn 2048
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  default_backend application
backend application
  server one 127.0.0.1:{self.upstream_port}
""")
        pid = self._start("haproxy", self.pin_tested, ["haproxy", "-db", "-f", config], port)
        return self.targets.append(Target("HAProxy", self._url(port), pids=[pid]))

    def _caddy(self) -> None:
        if not shutil.which("caddy"):
            return self.absent.append("Caddy")
        port = free_port()
        config = self.folder / "Caddyfile"
        config.write_text(f"""\
{{
  admin off
  auto_https off
  storage file_system {self.folder}/caddy
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{self.upstream_port}
}}
""")
        command = ["env", "GOMAXPROCS=1", f"HOME={self.folder}", "caddy", "run", "--adapter", "caddyfile", "--config"]
        pid = self._start("caddy", self.pin_tested, [*command, config], port)
        return self.targets.append(Target("Caddy", self._url(port), pids=[pid]))

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


ASKING = "nginx asking an authorizer, with access log"
