# shellcheck shell=bash
# Real servers: an nginx each, with every file of its own under the lab's state.
#   /            the server's name             /seen       name, client address and port
#   /data/F      file F, shared by all          /upload/F   PUT writes file F of that server
# Every answer names its server in X-Server. A scenario may have more: ACCESS_LOG=1 for access.log with the
# client's address and port in front, more_servers, and run_server for another way to start them.

start_server() {
  local name=$1 directory=$STATE/$1
  mkdir -p "$directory/temporary" "$BULK/data" "$BULK/$name/unfinished"
  server_configuration "$name" "$directory" >"$directory/nginx.conf"
  run_server "$name" nginx -p "$directory" -c "$directory/nginx.conf" -e "$directory/error.log"
}

# run_server NODE CMD...: the process of that name, in that node.
run_server() { start_process "$1" "$@"; }

# more_servers NODE: blocks of nginx's configuration.
more_servers() { :; }

# Waits for every server started, from inside its own node.
await_server() {
  wait_for 10 inside "$1" curl -sf -o /dev/null --connect-timeout 1 "http://$2/" \
    || leave 1 "nginx of $1 does not answer: $(tail -n 3 "$STATE/$1/error.log" "$STATE/logs/$1.log")"
}

# One process per server: no master whose death would leave workers behind.
server_configuration() {
  local name=$1 directory=$2
  cat <<CONF
daemon off;
master_process off;
user root;
pid $directory/nginx.pid;
events { worker_connections 16384; }
http {
  log_format seen '\$remote_addr:\$remote_port \$request \$status';
  access_log $([[ ${ACCESS_LOG:-} ]] && printf '%s seen' "$directory/access.log" || printf off);
  default_type text/plain;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 300;
  keepalive_requests 1000000;
  client_max_body_size 0;
  client_body_temp_path $BULK/$name/unfinished;
  proxy_temp_path $directory/temporary/proxy;
  fastcgi_temp_path $directory/temporary/fastcgi;
  uwsgi_temp_path $directory/temporary/uwsgi;
  scgi_temp_path $directory/temporary/scgi;
  server {
    listen 80 backlog=4096;
    listen 8081 backlog=4096;
    listen 8089 backlog=4096;
    add_header X-Server $name always;
    location / { return 200 "$name\n"; }
    location /seen { return 200 "$name \$remote_addr:\$remote_port\n"; }
    location /data/ { alias $BULK/data/; }
    location /upload/ { alias $BULK/$name/; dav_methods PUT; }
  }
$(more_servers "$name")
}
CONF
}
