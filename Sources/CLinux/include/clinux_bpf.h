// bpf(2), which the C library does not have: one shim for each command that is used.
//
// Each answers what the kernel does: a descriptor or 0, or -1 with errno set. Descriptors are
// close-on-exec. Lengths of keys and values are the map's, which the kernel knows.
#pragma once
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Debian 12's header lacks it (Linux 6.6).
enum { CLINUX_BPF_TCX_INGRESS = 46 };

static inline int clinux_bpf(int command, union bpf_attr *attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

/// The shape of a map; the type numbers are 0 without type information.
struct clinux_bpf_map {
  uint32_t type;
  uint32_t key_size;
  uint32_t value_size;
  uint32_t capacity;
  uint32_t flags;
  int type_information;
  uint32_t key_type;
  uint32_t value_type;
};

/// BPF_MAP_CREATE.
static inline int clinux_bpf_create_map(const struct clinux_bpf_map *map, const char *name) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = map->type;
  attributes.key_size = map->key_size;
  attributes.value_size = map->value_size;
  attributes.max_entries = map->capacity;
  attributes.map_flags = map->flags;
  attributes.btf_fd = (uint32_t)map->type_information;
  attributes.btf_key_type_id = map->key_type;
  attributes.btf_value_type_id = map->value_type;
  strncpy(attributes.map_name, name, sizeof attributes.map_name - 1);
  return clinux_bpf(BPF_MAP_CREATE, &attributes);
}

/// BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM or BPF_MAP_GET_NEXT_KEY.
static inline int clinux_bpf_element(int command, int map, const void *key, void *value) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = (uintptr_t)key;
  attributes.value = (uintptr_t)value;
  return clinux_bpf(command, &attributes);
}

/// BPF_BTF_LOAD.
static inline int clinux_bpf_load_types(const void *types, size_t length) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.btf = (uintptr_t)types;
  attributes.btf_size = (uint32_t)length;
  return clinux_bpf(BPF_BTF_LOAD, &attributes);
}

/// BPF_PROG_LOAD of `count` instructions; the verifier writes into `log` unless its length is 0.
static inline int clinux_bpf_load_program(uint32_t type, uint32_t attach_type,
                                          const uint64_t *instructions, size_t count,
                                          const char *name, char *log, size_t log_length) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = type;
  attributes.expected_attach_type = attach_type;
  attributes.insns = (uintptr_t)instructions;
  attributes.insn_cnt = (uint32_t)count;
  attributes.license = (uintptr_t) "Apache-2.0";
  strncpy(attributes.prog_name, name, sizeof attributes.prog_name - 1);
  if (log_length > 0) {
    attributes.log_level = 1;
    attributes.log_buf = (uintptr_t)log;
    attributes.log_size = (uint32_t)log_length;
  }
  return clinux_bpf(BPF_PROG_LOAD, &attributes);
}

/// BPF_LINK_CREATE; `target` is a descriptor of a cgroup or the index of a link.
static inline int clinux_bpf_create_link(int program, uint32_t target, uint32_t attach_type) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.link_create.prog_fd = (uint32_t)program;
  attributes.link_create.target_fd = target;
  attributes.link_create.attach_type = attach_type;
  return clinux_bpf(BPF_LINK_CREATE, &attributes);
}

/// BPF_LINK_UPDATE: puts `program` into the place of the one that `link` has.
static inline int clinux_bpf_update_link(int link, int program) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.link_update.link_fd = (uint32_t)link;
  attributes.link_update.new_prog_fd = (uint32_t)program;
  return clinux_bpf(BPF_LINK_UPDATE, &attributes);
}

/// BPF_OBJ_PIN: `descriptor` gets the name `path`, which has to lie in a BPF file system.
static inline int clinux_bpf_pin(int descriptor, const char *path) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.pathname = (uintptr_t)path;
  attributes.bpf_fd = (uint32_t)descriptor;
  return clinux_bpf(BPF_OBJ_PIN, &attributes);
}

/// BPF_OBJ_GET: what has the name `path`.
static inline int clinux_bpf_open(const char *path) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.pathname = (uintptr_t)path;
  return clinux_bpf(BPF_OBJ_GET, &attributes);
}

/// BPF_OBJ_GET_INFO_BY_FD of a map.
static inline int clinux_bpf_describe_map(int map, struct bpf_map_info *information) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  memset(information, 0, sizeof *information);
  attributes.info.bpf_fd = (uint32_t)map;
  attributes.info.info = (uintptr_t)information;
  attributes.info.info_len = sizeof *information;
  return clinux_bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes);
}

/// BPF_PROG_TEST_RUN of `length` bytes, a superframe unless `segment_length` is 0; `output` has room
/// for `*output_length`, which becomes the length of what the program left.
static inline int clinux_bpf_test_run(int program, const void *input, size_t length,
                                      uint32_t segment_length, void *output, size_t *output_length,
                                      uint32_t *verdict) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.test.prog_fd = (uint32_t)program;
  attributes.test.data_in = (uintptr_t)input;
  attributes.test.data_size_in = (uint32_t)length;
  attributes.test.data_out = (uintptr_t)output;
  attributes.test.data_size_out = (uint32_t)*output_length;
  struct __sk_buff context;
  memset(&context, 0, sizeof context);
  context.gso_size = segment_length;
  if (segment_length > 0) {
    attributes.test.ctx_in = (uintptr_t)&context;
    attributes.test.ctx_size_in = sizeof context;
  }
  int result = clinux_bpf(BPF_PROG_TEST_RUN, &attributes);
  *output_length = attributes.test.data_size_out;
  *verdict = attributes.test.retval;
  return result;
}
