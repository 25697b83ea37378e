#!/usr/bin/env bash
# The tutorial that Podpass grew from, typed with curl against a running `podpass dev`, in the tutorial's order:
#
#     test/seed/walkthrough.sh [DEV_JSON]        (default: ./.podpass/dev.json)
#
# The commands are the tutorial's own, its slips included: a GET whose Authorization header lacks the word Bearer, a
# slash before the query, a Content-Type without a body, `profile_id==`. Only the host names are replaced. One line per
# check; the last line counts. Exit status 1 if a check failed, 2 if there was nothing to check against.
set -u

DEV_JSON=${1:-.podpass/dev.json}
if [ ! -r "$DEV_JSON" ]; then
  echo "$DEV_JSON cannot be read; start 'podpass dev' first." >&2
  exit 2
fi
NODE=${NODE:-node}

# json PATH: the member at a dotted path of the JSON on standard input; nothing where there is none.
json() {
  "$NODE" -e '
    let text = "";
    process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
      let value;
      try { value = process.argv[1].split(".").reduce((node, name) => node?.[name], JSON.parse(text)); } catch {}
      console.log(value ?? "");
    });' "$1"
}
# named NAME MEMBER: of the list on standard input, the member of each entry that is called NAME, one per line.
named() {
  "$NODE" -e '
    let text = "";
    process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
      let value = JSON.parse(text);
      if (!Array.isArray(value)) value = value.profiles;
      for (const entry of value) if (entry.name === process.argv[1]) console.log(entry[process.argv[2]]);
    });' "$1" "$2"
}
# claim TOKEN PATH: a claim of a token, without verification.
claim() {
  "$NODE" -e 'console.log(Buffer.from((process.argv[1].split(".")[1] ?? ""), "base64url").toString())' "$1" | json "$2"
}
# signer TOKEN: `published` if a key of the set on standard input signed the token.
signer() {
  "$NODE" -e '
    const { createPublicKey, verify } = require("node:crypto");
    let text = "";
    process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
      const [header, payload, signature] = process.argv[1].split(".");
      const { kid } = JSON.parse(Buffer.from(header, "base64url"));
      const key = createPublicKey({ key: JSON.parse(text).keys.find((each) => each.kid === kid), format: "jwk" });
      const holds = verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
      console.log(holds ? "published" : "not the key that it names");
    });' "$1"
}

passed=0
failed=0
result() { # NAME HOLDS EXPLANATION
  if [ "$2" = yes ]; then passed=$((passed + 1)); echo "ok    $1"; else failed=$((failed + 1)); echo "FAIL  $1: $3"; fi
}
is() { # NAME FOUND EXPECTED
  if [ "$2" = "$3" ]; then result "$1" yes ''; else result "$1" no "expected '$3', found '$2'"; fi
}
looks() { # NAME FOUND PATTERN
  if printf '%s' "$2" | grep -Eq "$3"; then result "$1" yes ''; else result "$1" no "'$2' does not look like $3"; fi
}
status_of() { printf '%s' "$1" | tail -n 1; }
body_of() { printf '%s' "$1" | sed '$d'; }

dev() { json "$1" < "$DEV_JSON"; }
url=$(dev url)
account=$(dev account_id)
apikey=$(dev apikey)
cluster_name=$(dev cluster.name)
cluster_crn=$(dev cluster.crn)
pod_token_file=$(dev cr_token_file)
name="walkthrough $(date +%s) $$"
COMPACT='^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'

# Before you begin: log in, and note the token that `ibmcloud iam oauth-tokens` prints.
token=$(curl -s -H "Content-Type: application/x-www-form-urlencoded" -H "Accept: application/json" \
  -d grant_type=urn:ibm:params:oauth:grant-type:apikey -d apikey="$apikey" "$url/identity/token" | json access_token)
looks 'an API key becomes an access token' "$token" "$COMPACT"

# 1. Create a trusted profile.
reply=$(curl -s -w '\n%{http_code}' -L -X POST "$url/v1/profiles" \
  -H 'Accept: application/json' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  --data-raw "{ \"name\": \"$name\", \"description\": \"My profile\", \"account_id\": \"$account\" }")
is 'the profile is created' "$(status_of "$reply")" 201
profile=$(body_of "$reply" | json uuid)
profile_iam_id=$(body_of "$reply" | json iam_id)
looks 'the output holds its uuid' "$profile" '^Profile-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

# 2. Give the profile access: a group with a policy, and the profile in it.
group=$(curl -s -X POST "$url/v2/groups?account_id=$account" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d "{ \"name\": \"$name\" }" | json id)
looks 'the access group is created' "$group" '^AccessGroupId-'
is 'the profile is a member of it' "$(curl -s -o /dev/null -w '%{http_code}' -X PUT "$url/v2/groups/$group/members" \
  -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d "{ \"members\": [{ \"iam_id\": \"$profile_iam_id\", \"type\": \"profile\" }] }")" 207
is 'the group has a policy' "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$url/v1/policies" \
  -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "{
    \"type\": \"access\",
    \"subjects\": [{ \"attributes\": [{ \"name\": \"access_group_id\", \"value\": \"$group\" }] }],
    \"roles\": [{ \"role_id\": \"crn:v1:bluemix:public:iam::::role:Viewer\" }],
    \"resources\": [{ \"attributes\": [
      { \"name\": \"accountId\", \"value\": \"$account\" }, { \"name\": \"serviceName\", \"value\": \"iam-identity\" }] }] }")" 201

# 3. Link the profile to the cluster: find both, then the link, whose name is the cluster's.
is 'the list of profiles shows the profile' "$(curl -s -L -X GET "$url/v1/profiles/?account_id=$account" \
  -H 'Accept: application/json' -H "Authorization: $token" -H 'Content-Type: application/json' | named "$name" id)" "$profile"
is 'the list of clusters shows the CRN' \
  "$(curl -s --location --request GET "$url/global/v1/clusters" --header "Authorization: $token" | named "$cluster_name" crn)" "$cluster_crn"
reply=$(curl -s -w '\n%{http_code}' -L -X POST "$url/v1/profiles/$profile/links" \
  -H 'Accept: application/json' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-raw "{
    \"name\": \"$name\", \"cr_type\": \"ROKS_SA\",
    \"link\": { \"crn\": \"$cluster_crn\", \"namespace\": \"default\", \"name\": \"$cluster_name\" } }")
is 'the link is created' "$(status_of "$reply")" 201
link=$(body_of "$reply" | json id)

# 4. and 5. The pod's token is where the Job projects it; the Job exchanges it.
exchange() { # POD_TOKEN PROFILE
  curl -s -H "Content-Type: application/x-www-form-urlencoded" -H "Accept: application/json" \
    -d grant_type=urn:ibm:params:oauth:grant-type:cr-token -d cr_token="$1" -d profile_id=="$2" "$url/identity/token"
}
reply=$(exchange "$(cat "$pod_token_file")" "$profile")
access=$(printf '%s' "$reply" | json access_token)
looks 'the pod has an access token' "$access" "$COMPACT"
is 'it is a Bearer token' "$(printf '%s' "$reply" | json token_type)" Bearer
is 'it lives for an hour' "$(printf '%s' "$reply" | json expires_in)" 3600
is 'it is the token of the profile' "$(claim "$access" iam_id)" "$profile_iam_id"
is 'it names the cluster that the pod ran in' "$(claim "$access" authn.sub)" "$cluster_crn"
is 'a published key signed it' "$(curl -s "$url/identity/keys" | signer "$access")" published

# What the token lets the app do is what the policies say.
is 'it may read the profile' "$(curl -s -o /dev/null -w '%{http_code}' "$url/v1/profiles/$profile" -H "Authorization: Bearer $access")" 200
is 'it may not create one' "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$url/v1/profiles" -H "Authorization: Bearer $access" \
  -H 'Content-Type: application/json' -d "{ \"name\": \"$name again\", \"account_id\": \"$account\" }")" 403

# What does not hold is refused.
pod_token=$(cat "$pod_token_file")
is 'a token with another signature is refused' "$(exchange "${pod_token%????}AAAA" "$profile" | json errorCode)" BXNIM0405E
is 'text that is no token is refused' "$(exchange garbage "$profile" | json errorCode)" BXNIM0401E
is 'an unknown profile is refused' "$(exchange "$pod_token" Profile-00000000-0000-4000-8000-000000000000 | json errorCode)" BXNIM0398E
is 'the token of a pod is no access token' "$(curl -s -o /dev/null -w '%{http_code}' "$url/v1/profiles/?account_id=$account" \
  -H "Authorization: Bearer $pod_token")" 401

# Clean up, and see that no token is given any more.
is 'the link is deleted' "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$url/v1/profiles/$profile/links/$link" \
  -H "Authorization: Bearer $token")" 204
is 'without the link there is no token' "$(exchange "$pod_token" "$profile" | json errorCode)" BXNIM0398E
is 'the group is deleted' "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$url/v2/groups/$group?force=true" \
  -H "Authorization: Bearer $token")" 204
is 'the profile is deleted' "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$url/v1/profiles/$profile" \
  -H "Authorization: Bearer $token")" 204

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
