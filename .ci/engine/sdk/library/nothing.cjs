// Stands for packages that no call uses.
module.exports = {}
