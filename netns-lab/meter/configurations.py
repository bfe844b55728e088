"""Configuration files of the peers; TapVS's own come from labs/bench.sh."""

from lab import ANSWER_PORT, ECHO_PORT, STREAM_PORT, Lab

TCP_PORTS = (ECHO_PORT, ANSWER_PORT, STREAM_PORT)


def nft(lab: Lab) -> str:
    """The server's answers come back this way, so no source is rewritten."""
    return f"""table ip bench {{
  chain prerouting {{
    type nat hook prerouting priority dstnat
    ip daddr {lab["PEER"]} dnat to {lab["SERVER_BEHIND_PEER"]}
  }}
}}
"""


def haproxy(lab: Lab) -> str:
    head = """global
  maxconn 6000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
"""
    return head + "".join(
        f"listen port{port}\n"
        f"  bind {lab['PEER']}:{port} backlog 8192\n"
        f"  server rs1 {lab['SERVER']}:{port}\n"
        for port in TCP_PORTS
    )


def nginx(lab: Lab) -> str:
    servers = "".join(
        f"  server {{\n"
        f"    listen {lab['PEER']}:{port} backlog=8192;\n"
        f"    proxy_pass {lab['SERVER']}:{port};\n"
        f"  }}\n"
        for port in TCP_PORTS
    )
    return f"""load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
user root;
worker_processes auto;
worker_rlimit_nofile 20000;
pid {lab.state}/nginx.pid;
events {{ worker_connections 10000; }}
stream {{
{servers}  server {{
    listen {lab["PEER"]}:{ANSWER_PORT} udp;
    proxy_pass {lab["SERVER"]}:{ANSWER_PORT};
    proxy_responses 0;
  }}
}}
"""
