# Packages that npm itself has packed, installed without a network: one depends on the other, and has
# a script for after its installation and a program.
export HOME=/tmp npm_config_offline=true npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
mkdir -p /tmp/src/{below,above} /tmp/app; cd /tmp/src/below
echo '{"name": "below", "version": "1.2.3", "main": "index.js"}' >package.json
echo 'module.exports = n => n * 2' >index.js
for i in $(seq 300); do echo "exports.n = $i" >"part$i.js"; done
npm pack --silent
cd ../above
cat >package.json <<'JSON'
{"name": "above", "version": "0.1.0", "main": "index.js", "bin": {"double": "cli.js"},
 "dependencies": {"below": "file:/tmp/src/below/below-1.2.3.tgz"},
 "scripts": {"postinstall": "echo installed > stamp"}}
JSON
echo 'module.exports = require("below")(21)' >index.js
printf '#!/usr/bin/env node\nconsole.log(require("below")(Number(process.argv[2])))\n' >cli.js
npm pack --silent
cd /tmp/app
npm init -y >/dev/null
npm install --foreground-scripts=false /tmp/src/above/above-0.1.0.tgz 2>&1 | sed 's/ in [0-9.]*m*s//'
npm ls --all | sed 1d
node -p 'require("above")'; node_modules/.bin/double 4; cat node_modules/above/stamp
ls node_modules/below | wc -l
npm pkg set scripts.test='node -e "console.log(require(\"below\")(5))"'; npm test --silent
rm -rf node_modules; npm ci 2>&1 | sed 's/ in [0-9.]*m*s//'; npm uninstall above 2>&1 | sed 's/ in [0-9.]*m*s//'
ls -a node_modules
